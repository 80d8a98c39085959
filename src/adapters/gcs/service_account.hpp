#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace izpo::gcs {

// A service account's key, as Google's console gives it out. Its private part leaves this class only as
// signatures.
class ServiceAccount {
 public:
  // Reads the file, or says in one line for the operator what is wrong with it, without anything of the key.
  static std::expected<ServiceAccount, std::string> read(const std::string& path);
  static std::expected<ServiceAccount, std::string> parse(std::string_view json);

  const std::string& email() const { return email_; }
  const std::string& key_id() const { return key_id_; }
  const std::string& token_uri() const { return token_uri_; }

  // RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). Takes about a millisecond. Thread-safe.
  std::string sign(std::string_view text) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  ServiceAccount() = default;

  std::string email_;
  std::string key_id_;
  std::string token_uri_;
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
};

}  // namespace izpo::gcs
