#pragma once

#include <chrono>
#include <cstddef>

#include "base/timer_wheel.hpp"

namespace izpo::transport {

// How long a peer may still be waited for: a full allowance for every kEnough bytes that move, so that one
// byte now and then does not hold a connection. Only waiting counts, not what happens in between.
class Patience {
 public:
  using Duration = std::chrono::milliseconds;
  static constexpr std::size_t kEnough = 4096;

  explicit Patience(Duration allowance) : allowance_(allowance), left_(allowance) {}

  Duration left() const { return left_; }
  void begin_wait() { since_ = TimerWheel::Clock::now(); }
  void end_wait() {
    left_ -= std::chrono::duration_cast<Duration>(TimerWheel::Clock::now() - since_);
    if (left_ < Duration::zero()) left_ = Duration::zero();
  }
  void moved(std::size_t bytes) {
    moved_ += bytes;
    if (moved_ < kEnough) return;
    moved_ = 0;
    left_ = allowance_;
  }

 private:
  Duration allowance_;
  Duration left_;
  TimerWheel::Clock::time_point since_;
  std::size_t moved_ = 0;
};

}  // namespace izpo::transport
