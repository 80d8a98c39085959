#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/task.hpp"

namespace izpo::transport {

class Loop;

// How a loop writes to the sockets that are due at the end of a tick: with one system call for many, or with
// one for each. kAuto is the first where the kernel lets this process.
enum class IoUring : std::uint8_t { kOff, kAuto, kOn };

class NoIoUring : public std::runtime_error {
  using runtime_error::runtime_error;
};

// The event loops of the process, one thread each. A connection lives on one of them for all its life.
class Loops {
 public:
  // `tick` is how coarse the deadlines of connections are. Throws NoIoUring when that is kOn
  // and the kernel has none for this process.
  explicit Loops(std::size_t count, IoUring io_uring = IoUring::kAuto,
                 std::chrono::milliseconds tick = std::chrono::milliseconds(250));
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
