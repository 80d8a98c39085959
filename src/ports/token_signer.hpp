#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"

namespace izpo {

struct AccessClaims {
  UserId user;
  SessionId session;
  Timestamp issued_at;
  Timestamp expires_at;
};

// Access tokens: JWTs of one algorithm, fixed at start. Thread-safe, does not block.
class TokenSigner {
 public:
  virtual ~TokenSigner() = default;

  virtual std::string sign(const AccessClaims& claims) = 0;

  // Checks algorithm, signature, `typ`, `sub`, `sid`, `iat` and `exp` against `now`. Fails with kInvalidToken
  // or kTokenExpired.
  virtual Result<AccessClaims> verify(std::string_view token, Timestamp now) = 0;
};

}  // namespace izpo
