#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http_types.hpp"

namespace izpo::api {

// Which pages of other origins may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol).
// Immutable, so safe from any loop.
class Cors {
 public:
  // Origins as a browser sends them ("https://chat.example.org"); a "*" among them allows every origin, which
  // is then answered by name, since credentials are allowed.
  explicit Cors(const std::vector<std::string>& origins);

  static bool is_preflight(const Request& request);

  // The answer to a preflight, for every path: 204, with what was asked for when the origin is allowed.
  Response preflight(const Request& request) const;

  // Lets an allowed origin's page read `response`.
  void allow(const Request& request, Response& response) const;

 private:
  bool allows(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool any_ = false;
};

}  // namespace izpo::api
