#include "services/signed_links.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <span>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/reasons.hpp"
#include "services/digest.hpp"

namespace izpo::services {

namespace {

constexpr std::size_t kSignatureBytes = 16;
constexpr std::int64_t kNever = 0;

std::array<unsigned char, 32> hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> code{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size) == nullptr) {
    throw std::bad_alloc();
  }
  return code;
}

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

SignedLinks::SignedLinks(std::string_view secret_key, std::optional<std::chrono::seconds> lifetime,
                         const Clock& clock)
    : lifetime_(lifetime), clock_(clock) {
  const auto derived = hmac(secret_key, "izpochat file links 1");
  key_.assign(derived.begin(), derived.end());
}

std::string SignedLinks::signature(const File& file, std::int64_t expires) const {
  const auto code = hmac(key_, fmt::format("{}\n{}\n{}", file.id.value, expires, file.stored_filename));
  return base64url(std::span(code).first(kSignatureBytes));
}

std::string SignedLinks::link(const File& file, std::string_view base_url) const {
  if (file.blob.empty()) return file.public_url;
  std::int64_t expires = kNever;
  if (lifetime_) {
    const std::int64_t window = std::max<std::int64_t>(lifetime_->count() / 4, 1);
    expires = (seconds_of(clock_.now()) + lifetime_->count()) / window * window;
  }
  return fmt::format("{}/files/{}/{}-{}/{}", base_url, file.id.value, expires, signature(file, expires),
                     percent_encoded(file.original_filename));
}

Result<std::optional<std::chrono::seconds>> SignedLinks::check(const File& file,
                                                               std::string_view token) const {
  const auto dash = token.find('-');
  if (dash == std::string_view::npos) return fail(reason::kFileNotFound);
  const std::string_view moment = token.substr(0, dash);
  std::int64_t expires = -1;
  const auto [end, error] = std::from_chars(moment.data(), moment.data() + moment.size(), expires);
  if (error != std::errc() || end != moment.data() + moment.size()) return fail(reason::kFileNotFound);
  const std::string wanted = signature(file, expires);
  const std::string_view given = token.substr(dash + 1);
  if (given.size() != wanted.size() || CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) != 0)
    return fail(reason::kFileNotFound);
  // "00" and "0" would have one signature: only the form that link() writes is good.
  if (moment != std::to_string(expires)) return fail(reason::kFileNotFound);
  if (expires == kNever) return std::nullopt;
  const std::int64_t left = expires - seconds_of(clock_.now());
  if (left <= 0) return fail(reason::kLinkExpired);
  return std::chrono::seconds(left);
}

}  // namespace izpo::services
