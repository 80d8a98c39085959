#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "base/timer_wheel.hpp"
#include "base/use_task.hpp"
#include "realtime/outbox.hpp"
#include "realtime/socket.hpp"
#include "transport/http_session.hpp"
#include "transport/loop.hpp"
#include "transport/options.hpp"
#include "transport/serving.hpp"
#include "transport/tcp_stream.hpp"
#include "wire/websocket.hpp"

namespace izpo::transport {

// One WebSocket: runs the codec over a connection, for a handler. Kept small, since most are idle.
class WebSocketSession final : public realtime::Socket,
                               public std::enable_shared_from_this<WebSocketSession>,
                               private Connection,
                               private Flushable,
                               private TimerWheel::Timer {
 public:
  WebSocketSession(Loop& loop, const Serving& serving, Upgrade upgrade, Place place);
  ~WebSocketSession() override = default;

  // From the handler's opened() to the end of the connection.
  static Task<> run(std::shared_ptr<WebSocketSession> self);

  void send(realtime::SharedEvent event, realtime::Urgency urgency) override;
  void close(realtime::CloseCode code, std::string_view reason) override;
  Task<> drained() override;
  bool closing() const override { return state_ != State::kOpen; }
  Executor executor() const override { return loop_.executor(); }

 private:
  enum class State : std::uint8_t {
    kOpen,
    kClosing,  // the last frame is queued or sent; for the peer's there is a deadline
    kBroken,   // nothing more is sent or read
  };

  bool drain(std::chrono::milliseconds returns) override;
  void abort() override;
  void flush() override;
  Offer offer(std::span<iovec> pieces) override;
  void taken(std::size_t bytes) override;
  void expired() override;

  Task<> read();
  Task<> consume(std::string bytes);  // hands every event in them to the handler, while open
  Task<> finish();
  void begin_closing(realtime::Frame close, bool drop_queued);
  void break_off();
  void wake();
  void beat();
  void arm_beat();
  bool drained_enough() const { return outbox_.bytes() <= outbox_.limit() / 4; }

  Loop& loop_;
  const Timeouts& timeouts_;
  Place place_;
  TcpStream stream_;
  std::unique_ptr<realtime::SocketHandler> handler_;
  realtime::Outbox outbox_;
  wire::Decoder decoder_;
  std::unique_ptr<Resume> drain_waiter_;
  std::unique_ptr<std::string> unread_;  // at the start only
  State state_ = State::kOpen;
  std::uint8_t unanswered_ = 0;  // pings in a row
  bool opened_ = false;          // the handler knows this socket
  bool heard_ = true;            // anything, since the last ping
  bool reading_ = false;         // waiting for the peer, not for the handler
  bool blocked_ = false;         // waiting for room to write
  bool progressed_ = false;      // something was written since the last beat
  bool peer_closed_ = false;     // its close frame has come
  bool compression_;             // agreed on with the peer
  bool failed_ = false;          // it broke the protocol: what it says means nothing any more
};

}  // namespace izpo::transport
