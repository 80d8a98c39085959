#include "transport/http_connection.hpp"

#include <sys/uio.h>

#include <span>
#include <utility>

namespace izpo::transport {

namespace {

constexpr std::size_t kLingerBytes = 256UZ * 1024;  // read and dropped after the last answer

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

HttpConnection::HttpConnection(Loop& loop, TcpStream stream) : loop_(loop), stream_(std::move(stream)) {
  loop_.add(*this);
}

Task<HttpConnection::Got> HttpConnection::receive() {
  for (;;) {
    if (aborted_) co_return Got::kLate;
    const auto [error] = co_await stream_.readable();
    // The deadline that has passed was for this wait; what is sent about it has its own.
    if (std::exchange(late_, false) || aborted_ || error) co_return Got::kLate;
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

bool HttpConnection::poll() {
  const std::span<char> scratch = loop_.scratch();
  if (aborted_) return false;
  const auto count = stream_.try_read(scratch);
  if (!count || *count == 0) return false;
  input_.append(scratch.first(*count));
  return true;
}

Task<HttpConnection::Got> HttpConnection::receive(Patience& patience) {
  const std::size_t before = input_.size();
  set_deadline(patience.left());
  patience.begin_wait();
  const Got got = co_await receive();
  patience.end_wait();
  drop_deadline();
  if (got == Got::kBytes) patience.moved(input_.size() - before);
  co_return got;
}

Task<bool> HttpConnection::send(std::array<std::string_view, 2> pieces, std::chrono::milliseconds stall) {
  std::array<iovec, 2> vectors;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    // sendmsg only reads, but iovec has no const form.
    vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  }
  std::span<iovec> rest(vectors);
  Patience patience(stall);
  for (;;) {
    if (late_ || aborted_) co_return false;
    const auto count = stream_.try_write(rest);
    if (!count) co_return false;
    rest = advanced(rest, *count);
    if (rest.empty()) co_return true;
    patience.moved(*count);
    set_deadline(patience.left());
    patience.begin_wait();
    co_await stream_.writable();
    patience.end_wait();
    drop_deadline();
  }
}

Task<> HttpConnection::linger(std::chrono::milliseconds patience) {
  stream_.shutdown_send();
  set_deadline(patience);
  for (std::size_t total = 0; total < kLingerBytes; total += input_.size()) {
    input_.take(input_.size());
    if (co_await receive() != Got::kBytes) break;
  }
  drop_deadline();
}

bool HttpConnection::drain(std::chrono::milliseconds) {
  if (idle_) stream_.cancel();
  return false;
}

void HttpConnection::abort() {
  aborted_ = true;
  stream_.cancel();
}

void HttpConnection::expired() {
  late_ = true;
  stream_.cancel();
}

}  // namespace izpo::transport
