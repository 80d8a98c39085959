#pragma once

#include "base/time.hpp"

namespace izpo {

// The only source of the time of day. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

}  // namespace izpo
