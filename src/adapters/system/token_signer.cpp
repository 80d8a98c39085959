#include "adapters/system/token_signer.hpp"

#include <sodium.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>

#include "adapters/system/sodium.hpp"
#include "domain/reasons.hpp"

namespace izpo::system {
namespace {

using Jwt = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

constexpr const char* kAccess = "access";
constexpr std::int64_t kEndOfTime = 253'402'300'799;  // 9999-12-31T23:59:59Z, in seconds

std::optional<jwt_alg_t> algorithm_of(std::string_view name) {
  if (name == "HS256") return JWT_ALG_HS256;
  if (name == "HS384") return JWT_ALG_HS384;
  if (name == "HS512") return JWT_ALG_HS512;
  return std::nullopt;
}

std::int64_t to_seconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// The key is ours and the claims are plain: libjwt fails here only without memory.
void require(int error) {
  if (error != 0) throw std::bad_alloc();
}

std::string unique_id() {
  std::array<unsigned char, 9> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 13> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

std::optional<std::string_view> text_claim(jwt_t* jwt, const char* name) {
  const char* text = jwt_get_grant(jwt, name);
  if (text == nullptr) return std::nullopt;
  return text;
}

// A positive whole number below `end`; what is missing or of another type is none.
std::optional<std::int64_t> number_claim(jwt_t* jwt, const char* name, std::int64_t end) {
  errno = 0;
  const long number = jwt_get_grant_int(jwt, name);
  if (errno != 0 || number <= 0 || number > end) return std::nullopt;
  return number;
}

std::optional<std::int64_t> decimal_claim(jwt_t* jwt, const char* name) {
  const auto text = text_claim(jwt, name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number <= 0) return std::nullopt;
  return number;
}

Timestamp from_seconds(std::int64_t seconds) {
  return Timestamp(std::chrono::seconds(seconds));
}

}  // namespace

bool JwtSigner::supports(std::string_view algorithm) {
  return algorithm_of(algorithm).has_value();
}

JwtSigner::JwtSigner(std::string secret, std::string_view algorithm) : secret_(std::move(secret)) {
  require_sodium();
  const auto known = algorithm_of(algorithm);
  if (!known) throw std::invalid_argument("no algorithm for access tokens: " + std::string(algorithm));
  algorithm_ = *known;
}

JwtSigner::~JwtSigner() {
  sodium_memzero(secret_.data(), secret_.size());
}

std::string JwtSigner::sign(const AccessClaims& claims) {
  jwt_t* made = nullptr;
  require(jwt_new(&made));
  const Jwt jwt(made, &jwt_free);
  const std::string subject = std::to_string(claims.user.value);
  require(jwt_set_alg(made, algorithm_, reinterpret_cast<const unsigned char*>(secret_.data()),
                      static_cast<int>(secret_.size())));
  require(jwt_add_grant(made, "sub", subject.c_str()));
  require(jwt_add_grant_int(made, "sid", claims.session.value));
  require(jwt_add_grant(made, "typ", kAccess));
  require(jwt_add_grant_int(made, "iat", to_seconds(claims.issued_at)));
  require(jwt_add_grant_int(made, "exp", to_seconds(claims.expires_at)));
  require(jwt_add_grant(made, "jti", unique_id().c_str()));
  const std::unique_ptr<char, decltype(&std::free)> encoded(jwt_encode_str(made), &std::free);
  if (!encoded) throw std::bad_alloc();
  return encoded.get();
}

Result<AccessClaims> JwtSigner::verify(std::string_view token, Timestamp now) {
  if (token.size() > kMaxTokenBytes || token.contains('\0')) return fail(reason::kInvalidToken);
  jwt_t* decoded = nullptr;
  const int error =
      jwt_decode(&decoded, std::string(token).c_str(), reinterpret_cast<const unsigned char*>(secret_.data()),
                 static_cast<int>(secret_.size()));
  const Jwt jwt(decoded, &jwt_free);
  // libjwt follows the header's `alg`, and takes `none` when it is given no key: ours is the only one.
  if (error != 0 || jwt_get_alg(decoded) != algorithm_) return fail(reason::kInvalidToken);

  const auto user = decimal_claim(decoded, "sub");
  const auto session = number_claim(decoded, "sid", INT64_MAX);
  const auto issued_at = number_claim(decoded, "iat", kEndOfTime);
  const auto expires_at = number_claim(decoded, "exp", kEndOfTime);
  if (!user || !session || !issued_at || !expires_at || text_claim(decoded, "typ") != kAccess ||
      from_seconds(*issued_at) > now + kClockLeeway) {
    return fail(reason::kInvalidToken);
  }
  if (from_seconds(*expires_at) <= now) return fail(reason::kTokenExpired);
  return AccessClaims{UserId(*user), SessionId(*session), from_seconds(*issued_at),
                      from_seconds(*expires_at)};
}

}  // namespace izpo::system
