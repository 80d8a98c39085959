#pragma once

#include "ports/clock.hpp"

namespace izpo::testing {

// A clock that stands until it is moved.
class FixedClock final : public Clock {
 public:
  Timestamp now() const override { return now_; }
  void advance(std::chrono::microseconds by) { now_ += by; }

 private:
  Timestamp now_ = from_micros(1'790'000'000'000'000);
};

}  // namespace izpo::testing
