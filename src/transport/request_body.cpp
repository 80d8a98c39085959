#include "transport/request_body.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "domain/reasons.hpp"

namespace izpo::transport {

RequestBody::RequestBody(HttpConnection& connection, const RequestParser& head, const Limits& limits,
                         const Timeouts& timeouts)
    : connection_(connection),
      largest_discarded_(limits.drained_body),
      stall_(timeouts.stall),
      length_(head.content_length()),
      left_(length_.value_or(0)),
      patience_(timeouts.stall),
      awaits_continue_(head.expects_continue()) {}

Task<Result<std::size_t>> RequestBody::read(std::span<char> buffer) {
  if (broken_) co_return fail(reason::kMalformedRequest);
  auto count = co_await read_some(buffer);
  broken_ = !count;
  co_return count;
}

std::size_t RequestBody::read_ready(std::span<char> buffer) {
  if (broken_ || awaits_continue_ || !length_ || left_ == 0 || !connection_.input().empty()) return 0;
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
  const std::size_t count = connection_.receive_ready(buffer.first(most));
  left_ -= count;
  patience_.moved(count);
  return count;
}

Task<Result<std::size_t>> RequestBody::read_some(std::span<char> buffer) {
  std::size_t given = 0;
  while (given == 0 && !buffer.empty() && !ended()) {
    if (connection_.input().empty()) {
      if (length_) co_return co_await receive_into(buffer);
      IZPO_CO_CHECK(co_await receive());
    }
    IZPO_CO_TRY(given, take(buffer));
  }
  co_return given;
}

Result<std::size_t> RequestBody::take(std::span<char> buffer) {
  InputBuffer& input = connection_.input();
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

Task<Result<void>> RequestBody::send_continue() {
  if (std::exchange(awaits_continue_, false) &&
      !co_await connection_.send({"HTTP/1.1 100 Continue\r\n\r\n", {}}, stall_)) {
    co_return fail(Error(reason::kMalformedRequest, "client left"));
  }
  co_return Result<void>();
}

Result<void> RequestBody::outcome(HttpConnection::Got got) {
  switch (got) {
    case HttpConnection::Got::kBytes: return {};
    case HttpConnection::Got::kEnd: return fail(Error(reason::kMalformedRequest, "client left"));
    case HttpConnection::Got::kLate: return fail(reason::kRequestTimeout);
  }
  std::unreachable();
}

Task<Result<void>> RequestBody::receive() {
  IZPO_CO_CHECK(co_await send_continue());
  co_return outcome(co_await connection_.receive(patience_));
}

Task<Result<std::size_t>> RequestBody::receive_into(std::span<char> buffer) {
  IZPO_CO_CHECK(co_await send_continue());
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
  const auto [got, count] = co_await connection_.receive_into(buffer.first(most), patience_);
  IZPO_CO_CHECK(outcome(got));
  left_ -= count;
  co_return count;
}

bool RequestBody::discardable() const {
  return ended() || (!broken_ && !awaits_continue_ && left_ <= largest_discarded_);
}

Task<bool> RequestBody::discard() {
  std::array<char, 16UZ * 1024> nowhere;
  for (std::uint64_t total = 0; total <= largest_discarded_;) {
    const auto count = co_await read(nowhere);
    if (!count) co_return false;
    if (*count == 0) co_return true;
    total += *count;
  }
  co_return false;
}

}  // namespace izpo::transport
