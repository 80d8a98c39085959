#include "services/digest.hpp"

#include <openssl/evp.h>

#include <memory>
#include <new>

namespace izpo::services {
namespace {

// Looked up once: SHA256() and EVP_sha256() find their implementation anew each time, which costs more than
// the digest of a token.
const EVP_MD* sha256_implementation() {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> implementation(
      EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
  return implementation.get();
}

}  // namespace

Digest sha256(std::string_view bytes) {
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free);
  Digest digest{};
  if (EVP_DigestInit_ex2(context.get(), sha256_implementation(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

std::string base64url(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends it with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.resize((4 * bytes.size() + 2) / 3);
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

}  // namespace izpo::services
