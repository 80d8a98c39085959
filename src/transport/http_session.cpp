#include "transport/http_session.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "domain/reasons.hpp"
#include "transport/patience.hpp"
#include "transport/request_parser.hpp"
#include "transport/response_head.hpp"
#include "wire/chunked.hpp"
#include "wire/handshake.hpp"

namespace izpo::transport {

namespace {

constexpr std::size_t kLingerBytes = 256UZ * 1024;  // read and dropped after the last answer
constexpr std::size_t kRequestIdLength = 64;

bool is_sane_id(std::string_view id) {
  return !id.empty() && id.size() <= kRequestIdLength && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

// Takes `count` bytes off the front.
std::span<iovec> advanced(std::span<iovec> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
    pieces.front().iov_len -= count;
  }
  return pieces;
}

}  // namespace

// The body of the request that is being served.
class HttpSession::Body final : public api::BodySource {
 public:
  Body(HttpSession& session, const RequestParser& head)
      : session_(session),
        length_(head.content_length()),
        left_(length_.value_or(0)),
        awaits_continue_(head.expects_continue()),
        patience_(session.serving_.timeouts.stall) {}

  std::optional<std::uint64_t> declared_size() const override { return length_; }
  Task<Result<std::size_t>> read(std::span<char> buffer) override;

  // What is left of it can be read and dropped, to come to the next request. A client that waits for
  // `100 Continue` may send the body or not: there is no telling where the next request begins.
  bool discardable() const {
    return done() || (!broken_ && !awaits_continue_ && left_ <= session_.serving_.limits.drained_body);
  }

 private:
  bool done() const { return length_ ? left_ == 0 : chunks_.done(); }
  Result<std::size_t> take(std::span<char> buffer);  // of what has been received
  Task<Result<void>> receive();

  HttpSession& session_;
  std::optional<std::uint64_t> length_;  // nullopt: chunked
  std::uint64_t left_;                   // of length_
  wire::ChunkedDecoder chunks_;
  bool awaits_continue_;
  bool broken_ = false;
  Patience patience_;
};

Task<Result<std::size_t>> HttpSession::Body::read(std::span<char> buffer) {
  if (broken_) co_return fail(reason::kMalformedRequest);
  std::size_t given = 0;
  while (given == 0 && !buffer.empty() && !done()) {
    if (session_.input_.empty()) {
      if (auto received = co_await receive(); !received) {
        broken_ = true;
        co_return fail(std::move(received).error());
      }
    }
    auto taken = take(buffer);
    if (!taken) {
      broken_ = true;
      co_return taken;
    }
    given = *taken;
  }
  co_return given;
}

Result<std::size_t> HttpSession::Body::take(std::span<char> buffer) {
  InputBuffer& input = session_.input_;
  if (length_) {
    const std::size_t room = std::min(buffer.size(), input.size());
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, room));
    std::memcpy(buffer.data(), input.view().data(), count);
    input.take(count);
    left_ -= count;
    return count;
  }
  const auto progress = chunks_.decode(input.view(), buffer);
  if (!progress) return fail(Error(reason::kMalformedRequest, "chunked coding"));
  input.take(progress->taken);
  return progress->given;
}

Task<Result<void>> HttpSession::Body::receive() {
  if (std::exchange(awaits_continue_, false)) {
    if (!co_await session_.send({"HTTP/1.1 100 Continue\r\n\r\n", {}})) {
      co_return fail(Error(reason::kMalformedRequest, "client left"));
    }
  }
  session_.loop_.arm(session_, patience_.left());
  patience_.begin_wait();
  const Got got = co_await session_.receive();
  patience_.end_wait();
  session_.disarm();
  switch (got) {
    case Got::kBytes: patience_.moved(session_.input_.size()); co_return Result<void>();
    case Got::kEnd: co_return fail(Error(reason::kMalformedRequest, "client left"));
    case Got::kTimeout: co_return fail(reason::kRequestTimeout);
  }
  std::unreachable();
}

HttpSession::HttpSession(Loop& loop, const Serving& serving, TcpStream stream, std::string peer)
    : loop_(loop), serving_(serving), stream_(std::move(stream)), peer_(std::move(peer)) {
  loop_.add(*this);
}

bool HttpSession::drain() {
  if (between_requests_) stream_.cancel();
  return false;
}

void HttpSession::abort() {
  aborted_ = true;
  stream_.cancel();
}

void HttpSession::expired() {
  late_ = true;
  stream_.cancel();
}

Task<std::optional<Upgrade>> HttpSession::run() {
  for (;;) {
    switch (co_await serve_one()) {
      case Next::kNextRequest: continue;
      case Next::kLinger: co_await linger(); co_return std::nullopt;
      case Next::kEnd: co_return std::nullopt;
      case Next::kUpgrade: co_return std::move(upgrade_);
    }
  }
}

Task<HttpSession::Next> HttpSession::serve_one() {
  const auto head = co_await read_head();
  disarm();
  api::Request request;
  request.peer_address = peer_;
  if (!head) {
    request.request_id = request_id(request);
    co_return co_await refuse(head.error(), request);
  }
  if (!*head) co_return Next::kEnd;
  served_ = true;

  RequestParser parser(request, serving_.limits);
  const auto parsed = parser.parse(input_.view().substr(0, **head));
  request.request_id = request_id(request);
  if (!parsed) co_return co_await refuse(parsed.error(), request);
  input_.take(**head);

  Body body(*this, parser);
  request.body = &body;
  api::Response response = co_await handle(request);
  if (response.socket) co_return co_await upgrade(request, std::move(response));

  const bool keep = parser.keep_alive() && !serving_.draining && body.discardable();
  const std::string_view connection = !keep ? "close" : parser.http_1_0() ? "keep-alive" : "";
  if (!co_await answer(request, response, connection)) co_return Next::kEnd;
  if (!keep) co_return Next::kLinger;
  co_return co_await discard(body) ? Next::kNextRequest : Next::kLinger;
}

Task<Result<std::optional<std::size_t>>> HttpSession::read_head() {
  using Head = Result<std::optional<std::size_t>>;
  HeadScanner scanner;
  between_requests_ = true;
  loop_.arm(*this, served_ ? serving_.timeouts.idle : serving_.timeouts.head);
  for (;;) {
    // Empty lines before a request are to be ignored (RFC 9112 §2.2).
    while (between_requests_ && input_.view().starts_with("\r\n")) input_.take(2);
    if (between_requests_ && !input_.empty() && input_.view() != "\r") {
      between_requests_ = false;
      loop_.arm(*this, serving_.timeouts.head);
    }
    if (!between_requests_) {
      const HeadScanner::Found found = scanner.scan(input_.view());
      const std::size_t size = found == HeadScanner::Found::kWhole ? scanner.size() : input_.size();
      if (found == HeadScanner::Found::kBad) co_return fail(Error(reason::kMalformedRequest, "line ending"));
      if (size > serving_.limits.head_bytes) co_return fail(reason::kHeadersTooLarge);
      if (found == HeadScanner::Found::kWhole) co_return Head(size);
    } else if (serving_.draining) {
      co_return Head(std::nullopt);
    }
    const Got got = co_await receive();
    if (got == Got::kBytes) continue;
    if (between_requests_) co_return Head(std::nullopt);
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
  auto handler = std::move(response.socket);
  if (!co_await answer(request, response, "Upgrade")) co_return Next::kEnd;
  upgrade_.emplace(std::move(stream_), std::move(handler), input_.release());
  co_return Next::kUpgrade;
}

Task<bool> HttpSession::answer(const api::Request& request, const api::Response& response,
                               std::string_view connection) {
  const bool has_body = status_has_body(response.status);
  ResponseFrame frame;
  frame.date = loop_.http_date(to_micros(serving_.clock.now()) / 1'000'000);
  frame.request_id = request.request_id;
  frame.connection = connection;
  if (has_body) frame.content_length = response.body.size();
  const std::string head = response_head(response, frame);
  const bool with_body = has_body && request.method != api::Method::kHead;
  co_return co_await send({head, with_body ? std::string_view(response.body) : std::string_view()});
}

Task<bool> HttpSession::discard(Body& body) {
  std::array<char, 4096> sink;
  std::size_t total = 0;
  while (total <= serving_.limits.drained_body) {
    const auto count = co_await body.read(sink);
    if (!count) co_return false;
    if (*count == 0) co_return true;
    total += *count;
  }
  co_return false;
}

// Closing at once would reset the connection if the client is still sending, and the reset could overtake the
// answer (RFC 9112 §9.6).
Task<> HttpSession::linger() {
  stream_.shutdown_send();
  loop_.arm(*this, serving_.timeouts.linger);
  for (std::size_t total = 0; total < kLingerBytes; total += input_.size()) {
    input_.take(input_.size());
    if (co_await receive() != Got::kBytes) break;
  }
  disarm();
}

Task<HttpSession::Got> HttpSession::receive() {
  for (;;) {
    if (aborted_) co_return Got::kTimeout;
    const auto [error] = co_await stream_.readable();
    // The deadline that has passed was for this wait; what is sent about it has its own.
    if (std::exchange(late_, false) || aborted_ || error) co_return Got::kTimeout;
    const std::span<char> scratch = loop_.scratch();
    const auto count = stream_.try_read(scratch);
    if (!count) {
      if (count.error() == std::errc::operation_would_block) continue;
      co_return Got::kEnd;
    }
    if (*count == 0) co_return Got::kEnd;
    input_.append(scratch.first(*count));
    co_return Got::kBytes;
  }
}

Task<bool> HttpSession::send(std::array<std::string_view, 2> pieces) {
  std::array<iovec, 2> vectors;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    // sendmsg only reads, but iovec has no const form.
    vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  }
  std::span<iovec> rest(vectors);
  Patience patience(serving_.timeouts.stall);
  for (;;) {
    if (late_ || aborted_) co_return false;
    const auto count = stream_.try_write(rest);
    if (!count) co_return false;
    rest = advanced(rest, *count);
    if (rest.empty()) co_return true;
    patience.moved(*count);
    loop_.arm(*this, patience.left());
    patience.begin_wait();
    co_await stream_.writable();
    patience.end_wait();
    disarm();
  }
}

std::string HttpSession::request_id(const api::Request& request) {
  const auto given = request.headers.find("X-Request-ID");
  if (given && is_sane_id(*given)) return std::string(*given);
  return fmt::format("{:016x}", loop_.random());
}

}  // namespace izpo::transport
