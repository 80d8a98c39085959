#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/http_types.hpp"

namespace izpo::transport {

// What transport adds to an answer.
struct ResponseFrame {
  std::string_view date;
  std::string_view request_id;
  std::optional<std::size_t> content_length;  // nullopt: the status has no body
  std::string_view connection;                // empty: no such field
};

// The answer's head as sent, RFC 9112 §4 and §5. A field that could not be written as one line is a bug of
// the operation: it is left out and logged.
std::string response_head(const api::Response& response, const ResponseFrame& frame);

// RFC 9110 §6.4.1: 1xx, 204 and 304 have none.
bool status_has_body(int status);

}  // namespace izpo::transport
