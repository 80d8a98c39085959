#include "transport/http_session.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "domain/reasons.hpp"
#include "transport/request_body.hpp"
#include "transport/request_parser.hpp"
#include "transport/response_head.hpp"
#include "wire/deflate_offer.hpp"
#include "wire/handshake.hpp"

namespace izpo::transport {

namespace {

constexpr std::size_t kRequestIdLength = 64;
constexpr std::chrono::milliseconds kLastCall(200);  // for the first request, in a stop

bool is_sane_id(std::string_view id) {
  return !id.empty() && id.size() <= kRequestIdLength && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

constexpr std::string_view kExtensions = "Sec-WebSocket-Extensions";

// The header may come in several fields, which are one list (RFC 6455 §9.1).
std::optional<std::string> agreed_extensions(const api::Headers& headers) {
  std::string offers;
  for (const auto& [name, value] : headers.all()) {
    if (equal_without_case(name, kExtensions)) offers.append(value).append(",");
  }
  return wire::accept_deflate(offers);
}

}  // namespace

std::string make_request_id(Loop& loop) {
  return fmt::format("{:016x}", loop.random());
}

HttpSession::HttpSession(Loop& loop, const Serving& serving, TcpStream stream, std::string peer)
    : loop_(loop), serving_(serving), connection_(loop, std::move(stream)), peer_(std::move(peer)) {}

Task<std::optional<Upgrade>> HttpSession::run() {
  for (;;) {
    switch (co_await serve_one()) {
      case Next::kNextRequest: continue;
      case Next::kLinger: co_await connection_.linger(serving_.timeouts.linger); co_return std::nullopt;
      case Next::kEnd: co_return std::nullopt;
      case Next::kUpgrade: co_return std::move(upgrade_);
    }
  }
}

Task<HttpSession::Next> HttpSession::serve_one() {
  const auto head = co_await read_head();
  connection_.drop_deadline();
  api::Request request;
  request.peer_address = peer_;
  if (!head) {
    request.request_id = make_request_id(loop_);
    co_return co_await refuse(head.error(), request);
  }
  if (!*head) co_return Next::kEnd;
  served_ = true;

  RequestParser parser(request, serving_.limits);
  const auto parsed = parser.parse(connection_.input().view().substr(0, **head));
  request.request_id = request_id(request);
  if (!parsed) co_return co_await refuse(parsed.error(), request);
  connection_.input().take(**head);

  RequestBody body(connection_, parser, serving_.limits, serving_.timeouts);
  request.body = &body;
  api::Response response = co_await handle(request);
  if (response.socket) co_return co_await upgrade(request, std::move(response));
  body.allow_discarding(request.discarded_body);

  const bool keep = parser.keep_alive() && !serving_.draining && body.discardable();
  const std::string_view connection = !keep ? "close" : parser.http_1_0() ? "keep-alive" : "";
  if (!co_await answer(request, response, connection)) co_return Next::kEnd;
  if (!keep) co_return Next::kLinger;
  co_return co_await body.discard() ? Next::kNextRequest : Next::kLinger;
}

Task<Result<std::optional<std::size_t>>> HttpSession::read_head() {
  using Head = Result<std::optional<std::size_t>>;
  using Got = HttpConnection::Got;
  InputBuffer& input = connection_.input();
  HeadScanner scanner;
  bool begun = false;
  bool last_call = false;
  connection_.set_idle(true);
  connection_.set_deadline(served_ ? serving_.timeouts.idle : serving_.timeouts.head);
  for (;;) {
    // Empty lines before a request are to be ignored (RFC 9112 §2.2).
    while (!begun && input.view().starts_with("\r\n")) input.take(2);
    if (!begun && !input.empty() && input.view() != "\r") {
      begun = true;
      connection_.set_idle(false);
      connection_.set_deadline(serving_.timeouts.head);
    }
    if (begun) {
      const HeadScanner::Found found = scanner.scan(input.view());
      const std::size_t size = found == HeadScanner::Found::kWhole ? scanner.size() : input.size();
      if (found == HeadScanner::Found::kBad) co_return fail(Error(reason::kMalformedRequest, "line ending"));
      if (size > serving_.limits.head_bytes) co_return fail(reason::kHeadersTooLarge);
      if (found == HeadScanner::Found::kWhole) co_return Head(size);
    } else if (serving_.draining) {
      // What was sent before the stop could be known is answered; who has only just connected may be about
      // to.
      if (connection_.poll()) continue;
      if (served_ || std::exchange(last_call, true)) co_return Head(std::nullopt);
      connection_.set_idle(false);
      connection_.set_deadline(kLastCall);
    }
    const Got got = co_await connection_.receive();
    if (got == Got::kBytes || (!begun && serving_.draining && !last_call)) continue;
    if (!begun) co_return Head(std::nullopt);
    co_return fail(got == Got::kEnd ? reason::kMalformedRequest : reason::kRequestTimeout);
  }
}

Task<api::Response> HttpSession::handle(api::Request& request) {
  try {
    co_return co_await serving_.application.handle(request);
  } catch (const std::exception& error) {
    spdlog::error("bug: exception out of the application: {} [{}]", error.what(), request.request_id);
  }
  co_return serving_.application.refuse(reason::kInternal, request);
}

Task<HttpSession::Next> HttpSession::refuse(Error error, const api::Request& request) {
  spdlog::debug("refused: {} {} [{}]", error.reason.name, error.log_detail, request.request_id);
  const api::Response response = serving_.application.refuse(error, request);
  co_return co_await answer(request, response, "close") ? Next::kLinger : Next::kEnd;
}

Task<HttpSession::Next> HttpSession::upgrade(const api::Request& request, api::Response response) {
  if (!request.upgrade_websocket) {
    spdlog::error("bug: a socket for a request that asked for none [{}]", request.request_id);
    co_return co_await refuse(reason::kInternal, request);
  }
  response.status = 101;
  response.headers.set("Upgrade", "websocket");
  response.headers.set("Sec-WebSocket-Accept", wire::accept_key(*request.headers.find("Sec-WebSocket-Key")));
  auto extensions = serving_.compression ? agreed_extensions(request.headers) : std::nullopt;
  const bool compression = extensions.has_value();
  if (extensions) response.headers.set(kExtensions, *std::move(extensions));
  auto handler = std::move(response.socket);
  if (!co_await answer(request, response, "Upgrade")) co_return Next::kEnd;
  upgrade_.emplace(connection_.release_stream(), std::move(handler), connection_.input().release(),
                   compression);
  co_return Next::kUpgrade;
}

Task<bool> HttpSession::answer(const api::Request& request, const api::Response& response,
                               std::string_view connection) {
  const bool has_body = status_has_body(response.status);
  ResponseFrame frame;
  frame.date = loop_.http_date(serving_.clock.now());
  frame.request_id = request.request_id;
  frame.connection = connection;
  if (has_body) {
    frame.content_length =
        response.part ? static_cast<std::uint64_t>(response.part->length) : response.body.size();
  }
  const std::string head = response_head(response, frame);
  const bool with_body = has_body && request.method != api::Method::kHead;
  if (with_body && response.part) {
    const auto& [blob, offset, length] = *response.part;
    co_return co_await connection_.send({head, {}}, serving_.timeouts.stall) &&
        co_await connection_.send_blob(*blob, offset, length, serving_.timeouts.stall);
  }
  co_return co_await connection_.send(
      {head, with_body ? std::string_view(response.body) : std::string_view()}, serving_.timeouts.stall);
}

std::string HttpSession::request_id(const api::Request& request) {
  const auto given = request.headers.find("X-Request-ID");
  return given && is_sane_id(*given) ? std::string(*given) : make_request_id(loop_);
}

}  // namespace izpo::transport
