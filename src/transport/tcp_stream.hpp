#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <system_error>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/task.hpp"
#include "base/use_task.hpp"
#include "realtime/outbox.hpp"

namespace izpo::transport {

// A connected TCP socket: reads and writes that never wait, and the waiting apart from them, so that an idle
// connection holds no buffer.
class TcpStream final : public realtime::Sink {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

  explicit TcpStream(Socket socket) : socket_(std::move(socket)) {}

  // How many bytes came: 0 is the peer's end. Fails with operation_would_block when nothing has come yet.
  std::expected<std::size_t, std::error_code> try_read(std::span<char> into);

  std::expected<std::size_t, std::error_code> try_write(std::span<const iovec> pieces) override;

  // Of a regular file, from `offset` on; 0: the socket is full. A file that ends before is an error.
  std::expected<std::size_t, std::error_code> try_send_file(int file, std::int64_t offset, std::size_t count);

  // Awaited, they give the error, or none. cancel() ends all waits with one.
  auto readable() { return socket_.async_wait(Socket::wait_read, kAwait); }
  auto writable() { return socket_.async_wait(Socket::wait_write, kAwait); }
  template <class Callback>
  void when_writable(Callback callback) {
    socket_.async_wait(Socket::wait_write, std::move(callback));
  }
  void cancel();

  // For a write by other means than try_write(), while the stream is open.
  int descriptor() { return socket_.native_handle(); }

  // Nothing more is sent; the peer sees the end after what was.
  void shutdown_send();
  void close();

 private:
  Socket socket_;
};

}  // namespace izpo::transport
