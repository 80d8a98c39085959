#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/gcs/access_token.hpp"
#include "adapters/gcs/http_client.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "ports/random.hpp"

namespace izpo::gcs {

struct Patience {
  std::size_t attempts = 5;
  std::chrono::milliseconds first_pause{300};  // doubles each time, and half of it is by chance
};

// Requests to one bucket, through the JSON API. Safe to call from any loop.
class Storage {
 public:
  // `endpoint`: without a slash at its end. `token`: null for one that asks for none.
  Storage(HttpClient& http, std::string endpoint, std::string bucket, std::unique_ptr<AccessToken> token,
          Random& random, Patience patience)
      : http_(http),
        endpoint_(std::move(endpoint)),
        bucket_(std::move(bucket)),
        token_(std::move(token)),
        random_(random),
        patience_(patience) {}

  const std::string& bucket() const { return bucket_; }
  const std::string& endpoint() const { return endpoint_; }

  // `query`: with its '?', or empty.
  std::string objects_url(std::string_view query) const;
  std::string object_url(std::string_view name, std::string_view query) const;
  std::string upload_url(std::string_view query) const;
  std::string bucket_url(std::string_view below) const;

  // One exchange with the access token; with another one when that was refused. Fails as
  // HttpClient::exchange and AccessToken::get.
  Task<Result<HttpAnswer>> once(HttpRequest request);

  // The same, again while it may pass: only for what may be done twice.
  Task<Result<HttpAnswer>> call(HttpRequest request);

  // Sends a request whose answer nobody waits for, with the token that is known.
  void forget(HttpRequest request);

  // Counts a failure and waits before the next attempt; false: there have been enough.
  Task<bool> another_attempt(std::size_t& failures);

  // Whether a failure of once(), or its answer, may pass by itself.
  static bool may_pass(const Result<HttpAnswer>& answer);

 private:
  HttpClient& http_;
  const std::string endpoint_;
  const std::string bucket_;
  const std::unique_ptr<AccessToken> token_;
  Random& random_;
  const Patience patience_;
};

}  // namespace izpo::gcs
