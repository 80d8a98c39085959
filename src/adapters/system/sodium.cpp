#include "adapters/system/sodium.hpp"

#include <sodium.h>

#include <stdexcept>

namespace izpo::system {

void require_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

}  // namespace izpo::system
