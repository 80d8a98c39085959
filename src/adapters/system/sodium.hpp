#pragma once

namespace izpo::system {

// Call before libsodium is used; cheap after the first time. Throws std::runtime_error when it cannot start.
void require_sodium();

}  // namespace izpo::system
