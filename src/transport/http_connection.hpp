#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/task.hpp"
#include "base/timer_wheel.hpp"
#include "ports/blobs.hpp"
#include "transport/input_buffer.hpp"
#include "transport/loop.hpp"
#include "transport/patience.hpp"
#include "transport/tcp_stream.hpp"

namespace izpo::transport {

// The bytes of an HTTP connection: reads and writes that end with a deadline or with the server's patience in
// a stop. In its loop's list while it lives.
class HttpConnection final : private Connection, private TimerWheel::Timer {
 public:
  HttpConnection(Loop& loop, TcpStream stream);

  // What has been received and not been taken.
  InputBuffer& input() { return input_; }

  // Waits for bytes and appends them to input(). kLate: the deadline has passed, or the connection is to go;
  // an answer about that may still be sent.
  enum class Got : std::uint8_t { kBytes, kEnd, kLate };
  Task<Got> receive();

  // Takes what has come already, without waiting. Whether there was anything.
  bool poll();

  // The deadline of receive(), until it is set again or dropped.
  void set_deadline(std::chrono::milliseconds from_now) { loop_.arm(*this, from_now); }
  void drop_deadline() { disarm(); }

  // The same by a patience that it uses up.
  Task<Got> receive(Patience& patience);

  // Straight into `into`, when nothing is waiting in input(): for bodies. `count` is how many came.
  struct Received {
    Got got;
    std::size_t count = 0;
  };
  Task<Received> receive_into(std::span<char> into, Patience& patience);

  // The same of what has come already; 0: none, or the end. May be called on another thread while nothing of
  // this is waited for.
  std::size_t receive_ready(std::span<char> into) { return stream_.try_read(into).value_or(0); }

  // Bytes of a blob, as send() does.
  Task<bool> send_blob(BlobReader& blob, std::int64_t offset, std::int64_t length,
                       std::chrono::milliseconds stall);

  // Both pieces, in one write if the socket takes them. False: the client is gone, or did not read for
  // `stall`.
  Task<bool> send(std::array<std::string_view, 2> pieces, std::chrono::milliseconds stall);

  // After the last answer: waits for the client to end, but not for long. Closing at once would reset the
  // connection if the client is still sending, and the reset could overtake the answer (RFC 9112 §9.6).
  Task<> linger(std::chrono::milliseconds patience);

  // Whether the server may end the wait in receive() when it stops: nothing is under way.
  void set_idle(bool idle) { idle_ = idle; }

  // The connection goes on under another protocol; this is done with.
  TcpStream release_stream() { return std::move(stream_); }

 private:
  bool drain(std::chrono::milliseconds returns) override;
  void abort() override;
  void expired() override;

  // Until bytes can be read; false: kLate.
  Task<bool> wait_readable();
  // Until bytes can be sent; false: the patience is at its end.
  Task<bool> wait_writable(Patience& patience);
  Task<bool> send_file(BlobReader& blob, std::int64_t offset, std::int64_t length, Patience patience);

  Loop& loop_;
  TcpStream stream_;
  InputBuffer input_;
  bool idle_ = true;
  bool late_ = false;  // the deadline has passed
  bool aborted_ = false;
};

}  // namespace izpo::transport
