#pragma once

#include <jwt.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "ports/token_signer.hpp"

namespace izpo::system {

// How far another node's clock may be ahead of ours.
inline constexpr std::chrono::seconds kClockLeeway{60};
// Ours have about 200 bytes; what is longer is not looked at.
inline constexpr std::size_t kMaxTokenBytes = 4096;

// JWTs (RFC 7519) by libjwt, about 7 µs to sign or to verify. Claims: `sub` (the user's id as decimal text),
// `sid` (the login), `typ` ("access"), `iat` and `exp` (whole seconds), `jti` (so that two tokens of one
// second differ).
class JwtSigner : public TokenSigner {
 public:
  // HS256, HS384 or HS512. `none` is no algorithm.
  static bool supports(std::string_view algorithm);

  // Throws std::invalid_argument for an algorithm it does not support.
  JwtSigner(std::string secret, std::string_view algorithm);
  ~JwtSigner() override;
  JwtSigner(const JwtSigner&) = delete;
  JwtSigner& operator=(const JwtSigner&) = delete;

  std::string sign(const AccessClaims& claims) override;
  Result<AccessClaims> verify(std::string_view token, Timestamp now) override;

 private:
  std::string secret_;
  jwt_alg_t algorithm_;
};

}  // namespace izpo::system
