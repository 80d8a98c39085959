#include "adapters/gcs/service_account.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <boost/json/parse.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>
#include <system_error>

namespace izpo::gcs {

namespace {

constexpr std::string_view kAdvice =
    "name the JSON key file of a service account, as Google's console gives it out";
constexpr std::size_t kMostBytes = 65'536;

std::unexpected<std::string> wrong(std::string_view what) {
  return std::unexpected(std::string(what) + "; " + std::string(kAdvice));
}

std::string text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// No passphrase is asked for on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* /*user*/) {
  return 0;
}

}  // namespace

std::expected<ServiceAccount, std::string> ServiceAccount::read(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return wrong("cannot be read (" + std::generic_category().message(errno) + ")");
  std::string text(kMostBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || file.gcount() == 0) return wrong("is empty, or cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto account = parse(text);
  OPENSSL_cleanse(text.data(), text.size());
  return account;
}

std::expected<ServiceAccount, std::string> ServiceAccount::parse(std::string_view json) {
  boost::system::error_code broken;
  const auto value = boost::json::parse(json, broken);
  if (broken || !value.is_object()) return wrong("is not JSON");
  const auto& object = value.get_object();
  const std::string type = text_member(object, "type");
  if (type == "authorized_user")
    return wrong("is a person's login (authorized_user), which a server does not use");
  if (type != "service_account")
    return wrong("is not a service account's key (its \"type\" says something else)");

  ServiceAccount account;
  account.email_ = text_member(object, "client_email");
  account.key_id_ = text_member(object, "private_key_id");
  account.token_uri_ = text_member(object, "token_uri");
  if (account.email_.empty()) return wrong("has no \"client_email\"");
  if (account.token_uri_.empty()) account.token_uri_ = "https://oauth2.googleapis.com/token";
  std::string pem = text_member(object, "private_key");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  if (bio) account.key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
  OPENSSL_cleanse(pem.data(), pem.size());
  ERR_clear_error();
  if (!account.key_ || EVP_PKEY_get_base_id(account.key_.get()) != EVP_PKEY_RSA)
    return wrong("has a \"private_key\" that is none");
  return account;
}

std::string ServiceAccount::sign(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1) {
    throw std::bad_alloc();
  }
  signature.resize(size);
  return signature;
}

}  // namespace izpo::gcs
