#include "adapters/gcs/signed_url.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <span>

#include "adapters/gcs/encoding.hpp"
#include "base/text.hpp"

namespace izpo::gcs {

namespace {

constexpr std::string_view kAlgorithm = "GOOG4-RSA-SHA256";

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes_of(text).data(), text.size(), digest.data());
  return to_hex(digest);
}

// Slashes stand for themselves in the path of an object.
std::string encoded_path(std::string_view object) {
  std::string path;
  for (;;) {
    const auto slash = object.find('/');
    path += percent_encoded(object.substr(0, slash));
    if (slash == std::string_view::npos) return path;
    path += '/';
    object.remove_prefix(slash + 1);
  }
}

std::string encoded_query(std::vector<std::pair<std::string, std::string>> query) {
  for (auto& [name, value] : query) {
    name = percent_encoded(name);
    value = percent_encoded(value);
  }
  std::ranges::sort(query);
  std::string text;
  for (const auto& [name, value] : query)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  return text;
}

}  // namespace

std::string signed_url(const ServiceAccount& account, const UrlToSign& what) {
  const std::string moment = basic_time(what.from);
  const std::string scope = moment.substr(0, 8) + "/auto/storage/goog4_request";
  const std::string path = fmt::format("/{}/{}", what.bucket, encoded_path(what.object));
  const std::string host = what.endpoint.substr(what.endpoint.find("://") + 3);
  auto query = what.query;
  query.emplace_back("X-Goog-Algorithm", kAlgorithm);
  query.emplace_back("X-Goog-Credential", account.email() + "/" + scope);
  query.emplace_back("X-Goog-Date", moment);
  query.emplace_back("X-Goog-Expires", std::to_string(what.lifetime.count()));
  query.emplace_back("X-Goog-SignedHeaders", "host");
  const std::string canonical_query = encoded_query(std::move(query));
  const std::string canonical_request =
      fmt::format("{}\n{}\n{}\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD", what.method, path, canonical_query, host);
  const std::string signature =
      account.sign(fmt::format("{}\n{}\n{}\n{}", kAlgorithm, moment, scope, sha256_hex(canonical_request)));
  return fmt::format("{}{}?{}&X-Goog-Signature={}", what.endpoint, path, canonical_query,
                     to_hex(bytes_of(signature)));
}

}  // namespace izpo::gcs
