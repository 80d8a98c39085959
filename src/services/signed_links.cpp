#include "services/signed_links.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/reasons.hpp"
#include "services/digest.hpp"
#include "services/thumbnails.hpp"

namespace izpo::services {

namespace {

constexpr std::size_t kSignatureBytes = 16;
constexpr std::int64_t kNever = 0;

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// HMAC-SHA256, looked up once: HMAC() finds its parts anew each time, which takes longer than the code.
std::unique_ptr<EVP_MAC_CTX, FreeContext> make_context() {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr),
                                                              &EVP_MAC_free);
  std::unique_ptr<EVP_MAC_CTX, FreeContext> context(EVP_MAC_CTX_new(mac.get()));
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) throw std::bad_alloc();
  return context;
}

std::array<unsigned char, 32> hmac(std::string_view key, std::string_view text) {
  thread_local const auto context = make_context();
  std::array<unsigned char, 32> code{};
  std::size_t size = 0;
  if (EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), nullptr) !=
          1 ||
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1 ||
      EVP_MAC_final(context.get(), code.data(), &size, code.size()) != 1) {
    throw std::bad_alloc();
  }
  return code;
}

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

SignedLinks::SignedLinks(std::string_view secret_key, std::optional<std::chrono::seconds> lifetime,
                         const Clock& clock, bool thumbnails, std::string own_url)
    : lifetime_(lifetime), clock_(clock), thumbnails_(thumbnails), own_url_(std::move(own_url)) {
  const auto derived = hmac(secret_key, "izpochat file links 1");
  key_.assign(derived.begin(), derived.end());
}

std::string SignedLinks::signature(const File& file, std::int64_t expires) const {
  const auto code = hmac(key_, fmt::format("{}\n{}\n{}", file.id.value, expires, file.stored_filename));
  return base64url(std::span(code).first(kSignatureBytes));
}

std::string SignedLinks::link(const File& file, std::string_view base_url) const {
  if (blob_of(file).empty()) return file.public_url;
  std::int64_t expires = kNever;
  if (lifetime_) {
    const std::int64_t window = std::max<std::int64_t>(lifetime_->count() / 4, 1);
    expires = (seconds_of(clock_.now()) + lifetime_->count()) / window * window;
  }
  return fmt::format("{}/files/{}/{}-{}/{}", base_url, file.id.value, expires, signature(file, expires),
                     percent_encoded(file.original_filename));
}

bool SignedLinks::has_thumbnails(const File& file) const {
  return thumbnails_ && can_have_thumbnails(file);
}

std::string SignedLinks::blob_of(const File& file) const {
  if (!file.blob.empty() || own_url_.empty()) return file.blob;
  return file.public_url == own_url_ + file.stored_filename ? file.stored_filename : std::string();
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
