#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "adapters/gcs/service_account.hpp"
#include "base/time.hpp"

namespace izpo::gcs {

struct UrlToSign {
  std::string method = "GET";
  std::string endpoint = "https://storage.googleapis.com";  // without a slash at its end
  std::string bucket;
  std::string object;
  std::vector<std::pair<std::string, std::string>> query;  // more of it, not encoded
  Timestamp from;
  std::chrono::seconds lifetime{};
};

// A link that anybody may follow from `from` on, signed as V4 with RSA
// (https://cloud.google.com/storage/docs/authentication/canonical-requests).
std::string signed_url(const ServiceAccount& account, const UrlToSign& what);

}  // namespace izpo::gcs
