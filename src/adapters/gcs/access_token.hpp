#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/gcs/http_client.hpp"
#include "adapters/gcs/service_account.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/use_task.hpp"
#include "ports/clock.hpp"

namespace izpo::gcs {

struct Token {
  std::string value;
  std::chrono::seconds lifetime{};
};

// Where access tokens come from. One call at a time.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  // Fails with kStorageUnavailable; the detail is one line for the operator that says what to do, and there
  // is a retry_after when that is to wait.
  virtual Task<Result<Token>> fetch() = 0;
};

// The service account vouches for itself (RFC 7523) at its token_uri.
class AssertionSource final : public TokenSource {
 public:
  AssertionSource(HttpClient& http, const ServiceAccount& account, const Clock& clock)
      : http_(http), account_(account), clock_(clock) {}

  Task<Result<Token>> fetch() override;

 private:
  std::string assertion() const;
  Error refused(const HttpAnswer& answer) const;

  HttpClient& http_;
  const ServiceAccount& account_;
  const Clock& clock_;
};

// The metadata server of the machine that Google runs: the account is the machine's own.
class MetadataSource final : public TokenSource {
 public:
  MetadataSource(HttpClient& http, std::string host) : http_(http), host_(std::move(host)) {}

  Task<Result<Token>> fetch() override;

 private:
  HttpClient& http_;
  const std::string host_;  // "metadata.google.internal", perhaps with a port
};

// The token in use. It is renewed before it ends, by the first that finds it old, and all others wait for
// that one. Safe to call from any loop.
class AccessToken {
 public:
  AccessToken(std::unique_ptr<TokenSource> source, const Clock& clock)
      : source_(std::move(source)), clock_(clock) {}

  // Fails as the source. A token that is still good is given when it cannot be renewed yet.
  Task<Result<std::string>> get();

  // The storage did not take it: the next get() asks for another.
  void refused(const std::string& token);

  // What is known of it without asking; empty: nothing.
  std::string known() const;

 private:
  bool is_good(std::chrono::seconds for_at_least) const;  // with mutex_

  const std::unique_ptr<TokenSource> source_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  // Under mutex_:
  std::string token_;
  Timestamp ends_;
  std::chrono::seconds margin_{};  // so long before its end it is renewed
  Timestamp not_before_;           // no renewal of a good token before this: the last one failed
  bool renewing_ = false;
  std::optional<Error> failure_;  // of the last renewal
  std::vector<Resume> waiting_;
};

}  // namespace izpo::gcs
