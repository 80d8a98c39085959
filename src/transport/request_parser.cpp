#include "transport/request_parser.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>

#include "domain/reasons.hpp"
#include "wire/handshake.hpp"

namespace izpo::transport {

namespace http = boost::beast::http;

namespace {

api::Method to_method(http::verb verb) {
  switch (verb) {
    case http::verb::get: return api::Method::kGet;
    case http::verb::head: return api::Method::kHead;
    case http::verb::post: return api::Method::kPost;
    case http::verb::put: return api::Method::kPut;
    case http::verb::patch: return api::Method::kPatch;
    case http::verb::delete_: return api::Method::kDelete;
    case http::verb::options: return api::Method::kOptions;
    default: return api::Method::kOther;
  }
}

bool equal_caseless(std::string_view a, std::string_view b) {
  return boost::beast::iequals(a, b);
}

}  // namespace

HeadScanner::Found HeadScanner::scan(std::string_view input) {
  for (;;) {
    const std::size_t feed = input.find('\n', std::max(seen_, line_));
    if (feed == std::string_view::npos) {
      seen_ = input.size();
      return Found::kPart;
    }
    if (feed == line_ || input[feed - 1] != '\r') return Found::kBad;
    const bool first = line_ == 0;
    const bool empty = feed - line_ == 1;
    const bool folded = input[line_] == ' ' || input[line_] == '\t';
    line_ = feed + 1;
    if (folded || (first && empty)) return Found::kBad;
    if (empty) return Found::kWhole;
  }
}

RequestParser::RequestParser(api::Request& request, const Limits& limits)
    : request_(request), limits_(limits) {
  Base::eager(false);
  Base::body_limit(boost::none);  // the operation that reads the body decides
  Base::header_limit(static_cast<std::uint32_t>(limits.head_bytes));
}

Result<void> RequestParser::parse(std::string_view head) {
  Code error;
  const std::size_t taken = Base::put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error == http::error::header_limit) return fail(reason::kHeadersTooLarge);
  if (error || taken != head.size()) return fail(Error(reason::kMalformedRequest, error.message()));
  if (!has_host_ && !http_1_0_) return fail(Error(reason::kMalformedRequest, "no Host"));
  take_absolute_form();
  if (!request_.target.starts_with('/') && request_.target != "*") {
    return fail(Error(reason::kMalformedRequest, "target form"));
  }
  request_.upgrade_websocket = is_websocket_upgrade();
  return {};
}

std::optional<std::uint64_t> RequestParser::content_length() const {
  if (Base::chunked()) return std::nullopt;
  const auto length = Base::content_length();
  return length ? *length : 0;
}

void RequestParser::on_request_impl(http::verb verb, Text method, Text target, int version, Code& error) {
  if (target.size() > limits_.target_bytes) {
    error = http::error::header_limit;
    return;
  }
  request_.method = to_method(verb);
  request_.method_name = method;
  request_.target = target;
  http_1_0_ = version == 10;
}

void RequestParser::on_field_impl(http::field field, Text name, Text value, Code& error) {
  switch (field) {
    case http::field::host:
      if (std::exchange(has_host_, true)) error = http::error::bad_field;
      break;
    case http::field::content_length:
      // Beast takes "5, 5" and a repeated field of the same length; RFC 9110 §8.6 lets us refuse both.
      if (std::exchange(has_length_, true) || value.contains(',')) error = http::error::bad_content_length;
      break;
    case http::field::transfer_encoding:
      // Beast reads "gzip, chunked" as chunked and "chunked, gzip" as no body at all (RFC 9112 §6.1).
      if (http_1_0_ || !equal_caseless(value, "chunked")) error = http::error::bad_transfer_encoding;
      break;
    case http::field::expect:
      if (!http_1_0_ && equal_caseless(value, "100-continue")) expects_continue_ = true;
      break;
    default: break;
  }
  if (request_.headers.all().size() == limits_.fields) error = http::error::header_limit;
  if (!error) request_.headers.add(std::string(name), std::string(value));
}

// RFC 9112 §3.2.2: "GET http://host/path" means /path on host, whatever Host says.
void RequestParser::take_absolute_form() {
  std::string_view rest = request_.target;
  const std::size_t scheme = rest.find("://");
  if (rest.starts_with('/') || scheme == std::string_view::npos) return;
  if (!equal_caseless(rest.substr(0, scheme), "http") && !equal_caseless(rest.substr(0, scheme), "https"))
    return;
  rest.remove_prefix(scheme + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  request_.headers.set("Host", std::string(rest.substr(0, end)));
  rest.remove_prefix(end);
  request_.target = (rest.starts_with('/') ? "" : "/") + std::string(rest);
}

bool RequestParser::is_websocket_upgrade() const {
  if (request_.method != api::Method::kGet || http_1_0_ || content_length() != 0 || !Base::upgrade())
    return false;
  const auto upgrade = request_.headers.find("Upgrade");
  const auto version = request_.headers.find("Sec-WebSocket-Version");
  const auto key = request_.headers.find("Sec-WebSocket-Key");
  return upgrade && http::token_list(*upgrade).exists("websocket") && version == "13" && key &&
         wire::is_websocket_key(*key);
}

}  // namespace izpo::transport
