#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo {

enum class PasswordCheck : std::uint8_t {
  kWrong,
  kRight,
  kRightButOld,  // right, and its scheme or cost is not today's: hash again
};

// Slow on purpose. The work runs on a bounded pool, never on a loop; a full pool fails with kOverloaded.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;

  virtual Task<Result<std::string>> hash(std::string password) = 0;

  // An unreadable `hash` is kWrong. Every kWrong comes at one fixed moment after the call, later than the
  // dearest scheme needs (longer only under overload), so that the time tells nothing of the account or its
  // scheme.
  virtual Task<Result<PasswordCheck>> verify(std::string password, std::string hash) = 0;

  // For an account that does not exist: the work and the moment of a wrong password.
  virtual Task<Result<void>> pretend(std::string password) = 0;
};

}  // namespace izpo
