#pragma once

#include <memory>
#include <span>
#include <string>

#include <openssl/evp.h>

namespace izpo {

// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();

  void add(std::span<const char> bytes);
  std::string hex();  // once, at the end: 64 lower case hexadecimal digits

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace izpo
