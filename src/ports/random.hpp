#pragma once

#include <span>

namespace izpo {

// Unpredictable bytes, fit for keys and tokens. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;
};

}  // namespace izpo
