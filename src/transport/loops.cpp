#include "transport/loops.hpp"

#include <pthread.h>

#include <algorithm>
#include <string>

#include "transport/loop.hpp"

namespace izpo::transport {

Loops::Loops(std::size_t count, std::chrono::milliseconds tick) {
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
    loops_.push_back(std::make_unique<Loop>(tick));
  }
}

Loops::~Loops() {
  stop();
}

std::vector<Executor> Loops::executors() const {
  std::vector<Executor> all;
  all.reserve(loops_.size());
  for (const auto& loop : loops_) all.push_back(loop->executor());
  return all;
}

void Loops::run() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), ("loop-" + std::to_string(i)).c_str());
      loops_[i]->run();
    });
  }
}

void Loops::stop() {
  for (const auto& loop : loops_) loop->stop();
  threads_.clear();
}

}  // namespace izpo::transport
