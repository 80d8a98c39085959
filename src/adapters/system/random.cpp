#include "adapters/system/random.hpp"

#include <sodium.h>

#include "adapters/system/sodium.hpp"

namespace izpo::system {

SystemRandom::SystemRandom() {
  require_sodium();
}

void SystemRandom::fill(std::span<unsigned char> bytes) {
  randombytes_buf(bytes.data(), bytes.size());
}

}  // namespace izpo::system
