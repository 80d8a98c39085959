#pragma once

#include <chrono>

#include "ports/clock.hpp"

namespace izpo::system {

class SystemClock : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace izpo::system
