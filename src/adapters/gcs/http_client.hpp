#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo::gcs {

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  // An exchange that moves less than a kilobyte a second for so long is given up; so is one that lasts so
  // long.
  std::chrono::seconds stall{20};
  std::chrono::seconds longest{120};
  std::size_t most_running = 64;   // exchanges at once, each on a connection of its own
  std::size_t most_waiting = 512;  // in line before them; more fail with kOverloaded
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;              // "Name: value"
  std::string_view body;                         // stays until the answer
  std::size_t most_body = std::size_t{8} << 20;  // of the answer, in bytes; a larger one is no answer
};

struct HttpAnswer {
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

// HTTP/1.1 over libcurl: one thread drives all exchanges (curl's multi interface) and keeps their connections
// for the next ones. TLS is verified. Safe to call from any loop. Make it after the loops and destroy it
// before them.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();  // what runs fails with kShuttingDown; what was sent off by forget() has two seconds
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // One exchange, whatever its status. Fails with kStorageUnavailable when there was no answer, or only a
  // part of one (the detail says why, and names no more than the host), with kOverloaded and with
  // kShuttingDown.
  Task<Result<HttpAnswer>> exchange(HttpRequest request);

  // From now on, and what runs: exchanges fail with kShuttingDown at once.
  void give_up();

  // Sends a request without a body whose answer nobody waits for.
  void forget(HttpRequest request);

 private:
  struct Transfer;
  class Engine;

  std::unique_ptr<Engine> engine_;
};

}  // namespace izpo::gcs
