#include "transport/response_head.hpp"

#include <iterator>

#include <fmt/format.h>
#include <boost/beast/http/status.hpp>

#include "base/log.hpp"

namespace izpo::transport {

namespace {

bool fits_a_line(std::string_view text) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  return text.find_first_of(kBreaks) == std::string_view::npos;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const api::Response& response, const ResponseFrame& frame) {
  std::string head;
  head.reserve(512);
  const std::string_view phrase = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", response.status, phrase);
  append_field(head, "Date", frame.date);
  for (const auto& [name, value] : response.headers.all()) {
    if (fits_a_line(name) && fits_a_line(value)) {
      append_field(head, name, value);
    } else {
      spdlog::error("bug: response field {} left out, it holds a line break [{}]", name, frame.request_id);
    }
  }
  append_field(head, "X-Request-ID", frame.request_id);
  if (frame.content_length) {
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", *frame.content_length);
  }
  if (!frame.connection.empty()) append_field(head, "Connection", frame.connection);
  head.append("\r\n");
  return head;
}

}  // namespace izpo::transport
