#include "base/sha256.hpp"

#include <array>
#include <new>

#include "base/text.hpp"

namespace izpo {
namespace {

void require(int openssl) {
  if (openssl != 1) throw std::bad_alloc();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ ? EVP_DigestInit_ex2(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::add(std::span<const char> bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> hash{};
  require(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr));
  return to_hex(hash);
}

}  // namespace izpo
