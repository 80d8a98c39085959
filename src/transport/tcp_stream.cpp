#include "transport/tcp_stream.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

namespace izpo::transport {

namespace {

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

std::expected<std::size_t, std::error_code> TcpStream::try_read(std::span<char> into) {
  for (;;) {
    const ssize_t count = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    if (would_block(errno)) return std::unexpected(std::make_error_code(std::errc::operation_would_block));
    return std::unexpected(std::error_code(errno, std::system_category()));
  }
}

std::expected<std::size_t, std::error_code> TcpStream::try_write(std::span<const iovec> pieces) {
  const int descriptor = socket_.native_handle();
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg only reads it
  message.msg_iovlen = pieces.size();
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  for (;;) {
    // One piece is the rule, and sendmsg would have the kernel read two more structures.
    const ssize_t count = pieces.size() == 1
                              ? ::send(descriptor, pieces[0].iov_base, pieces[0].iov_len, flags)
                              : ::sendmsg(descriptor, &message, flags);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    if (would_block(errno)) return 0;
    return std::unexpected(std::error_code(errno, std::system_category()));
  }
}

std::expected<std::size_t, std::error_code> TcpStream::try_send_file(int file, std::int64_t offset,
                                                                     std::size_t count) {
  // The socket is made non-blocking by Asio at its first wait at the latest; here it may be before that.
  if (!socket_.native_non_blocking()) socket_.native_non_blocking(true);
  for (;;) {
    off_t at = offset;
    const ssize_t sent = ::sendfile(socket_.native_handle(), file, &at, count);
    if (sent > 0) return static_cast<std::size_t>(sent);
    if (sent == 0) return std::unexpected(std::make_error_code(std::errc::io_error));
    if (errno == EINTR) continue;
    if (would_block(errno)) return 0;
    return std::unexpected(std::error_code(errno, std::system_category()));
  }
}

void TcpStream::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void TcpStream::shutdown_send() {
  boost::system::error_code ignored;  // the peer may be gone
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void TcpStream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace izpo::transport
