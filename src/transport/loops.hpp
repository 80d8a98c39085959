#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "base/task.hpp"

namespace izpo::transport {

class Loop;

// The event loops of the process, one thread each. A connection lives on one of them for all its life.
class Loops {
 public:
  // `tick` is how coarse the deadlines of connections are.
  explicit Loops(std::size_t count, std::chrono::milliseconds tick = std::chrono::milliseconds(250));
  ~Loops();  // stop()
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  std::size_t size() const { return loops_.size(); }
  std::vector<Executor> executors() const;
  Loop& at(std::size_t index) const { return *loops_[index]; }

  // Starts the threads and returns. Work given to the executors before waits until then.
  void run();

  // Ends the threads and waits for them; what still waits on a loop stays unserved. Not from a loop.
  void stop();

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::jthread> threads_;
};

}  // namespace izpo::transport
