#pragma once

#include <span>

#include "ports/random.hpp"

namespace izpo::system {

// The kernel's generator, through libsodium.
class SystemRandom : public Random {
 public:
  SystemRandom();
  void fill(std::span<unsigned char> bytes) override;
};

}  // namespace izpo::system
