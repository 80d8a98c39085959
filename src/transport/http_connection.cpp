#include "transport/http_connection.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace izpo::transport {

namespace {

constexpr std::int64_t kBlobBytes = std::int64_t{256} << 10;    // of a blob in one go, when it is read
constexpr std::int64_t kFileBytes = std::int64_t{1} << 20;      // by sendfile: a fraction of a millisecond
constexpr std::int64_t kPreparedBytes = std::int64_t{4} << 20;  // read ahead of them
constexpr std::size_t kLingerBytes = 256UZ * 1024;              // read and dropped after the last answer

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

Task<bool> HttpConnection::wait_readable() {
  if (aborted_) co_return false;
  const auto [error] = co_await stream_.readable();
  // The deadline that has passed was for this wait; what is sent about it has its own.
  co_return !std::exchange(late_, false) && !aborted_ && !error;
}

Task<HttpConnection::Got> HttpConnection::receive() {
  for (;;) {
    if (!co_await wait_readable()) co_return Got::kLate;
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

Task<HttpConnection::Received> HttpConnection::receive_into(std::span<char> into, Patience& patience) {
  for (;;) {
    set_deadline(patience.left());
    patience.begin_wait();
    const bool readable = co_await wait_readable();
    patience.end_wait();
    drop_deadline();
    if (!readable) co_return Received{Got::kLate};
    const auto count = stream_.try_read(into);
    if (!count && count.error() == std::errc::operation_would_block) continue;
    if (!count || *count == 0) co_return Received{Got::kEnd};
    patience.moved(*count);
    co_return Received{Got::kBytes, *count};
  }
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
    co_await wait_writable(patience);
  }
}

Task<bool> HttpConnection::wait_writable(Patience& patience) {
  set_deadline(patience.left());
  patience.begin_wait();
  co_await stream_.writable();
  patience.end_wait();
  drop_deadline();
  co_return !late_ && !aborted_;
}

Task<bool> HttpConnection::send_blob(BlobReader& blob, std::int64_t offset, std::int64_t length,
                                     std::chrono::milliseconds stall) {
  if (blob.descriptor() >= 0) co_return co_await send_file(blob, offset, length, Patience(stall));
  std::vector<char> buffer(static_cast<std::size_t>(std::min(length, kBlobBytes)));
  while (length > 0) {
    const auto most = static_cast<std::size_t>(std::min(length, kBlobBytes));
    const auto count = co_await blob.read(offset, std::span(buffer).first(most));
    if (!count || *count == 0) co_return false;
    if (!co_await send({std::string_view(buffer.data(), *count), {}}, stall)) co_return false;
    offset += static_cast<std::int64_t>(*count);
    length -= static_cast<std::int64_t>(*count);
  }
  co_return true;
}

Task<bool> HttpConnection::send_file(BlobReader& blob, std::int64_t offset, std::int64_t length,
                                     Patience patience) {
  std::int64_t prepared = 0;  // of what is left
  while (length > 0) {
    if (prepared <= 0) {
      prepared = std::min(length, kPreparedBytes);
      if (!co_await blob.prepare(offset, prepared)) co_return false;
    }
    // A piece at a time, and a wait after each: others have their turn on the loop.
    const auto piece = static_cast<std::size_t>(std::min(prepared, kFileBytes));
    const auto count = stream_.try_send_file(blob.descriptor(), offset, piece);
    if (!count) co_return false;
    offset += static_cast<std::int64_t>(*count);
    length -= static_cast<std::int64_t>(*count);
    prepared -= static_cast<std::int64_t>(*count);
    patience.moved(*count);
    if (length > 0 && !co_await wait_writable(patience)) co_return false;
  }
  co_return true;
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
