#include "transport/websocket_session.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <utility>

#include "base/log.hpp"

namespace izpo::transport {

using realtime::CloseCode;
using realtime::Frame;
using realtime::Outbox;
using realtime::Urgency;

namespace {

constexpr std::uint8_t kUnansweredPings = 2;
constexpr std::chrono::milliseconds kRestartTakes(1000);  // before it, nobody need try to come back

Frame close_frame(std::uint16_t code, std::string_view reason) {
  return std::make_shared<const std::string>(wire::encode_close(code, reason));
}
Frame close_frame(CloseCode code, std::string_view reason) {
  return close_frame(static_cast<std::uint16_t>(code), reason);
}
Frame control_frame(wire::Opcode opcode, std::string_view payload) {
  return std::make_shared<const std::string>(wire::encode_frame(opcode, payload));
}

}  // namespace

WebSocketSession::WebSocketSession(Loop& loop, const Serving& serving, Upgrade upgrade, Place place)
    : loop_(loop),
      timeouts_(serving.timeouts),
      place_(std::move(place)),
      stream_(std::move(upgrade.stream)),
      handler_(std::move(upgrade.handler)),
      outbox_(serving.limits.outbox_bytes),
      decoder_(serving.limits.message_bytes, upgrade.compression),
      unread_(std::make_unique<std::string>(std::move(upgrade.unread))),
      compression_(upgrade.compression) {
  loop_.add(*this);
  arm_beat();
}

// One frame is alive while a socket is idle: this.
Task<> WebSocketSession::run(std::shared_ptr<WebSocketSession> self) {
  try {
    self->opened_ = true;
    co_await self->handler_->opened(*self);
    co_await self->consume(*std::exchange(self->unread_, nullptr));
    while (self->state_ == State::kOpen) {
      self->reading_ = true;
      co_await self->stream_.readable();
      self->reading_ = false;
      if (self->state_ == State::kOpen) co_await self->read();
    }
  } catch (const std::exception& error) {
    spdlog::error("bug: exception out of a socket's handler: {}", error.what());
    self->close(CloseCode::kInternal, "internal error");
  }
  self->handler_->closed();
  self->handler_.reset();
  co_await self->finish();
  self->stream_.close();
}

Task<> WebSocketSession::read() {
  const std::span<char> scratch = loop_.scratch();
  const auto count = stream_.try_read(scratch);
  if (!count && count.error() == std::errc::operation_would_block) co_return;
  if (!count || *count == 0) {
    break_off();
    co_return;
  }
  heard_ = true;
  // A copy, since the scratch is everybody's while the handler waits.
  co_await consume(std::string(scratch.data(), *count));
}

Task<> WebSocketSession::consume(std::string bytes) {
  std::span<char> input(bytes);
  while (state_ == State::kOpen) {
    const auto event = decoder_.next(input);
    if (!event) {
      failed_ = true;
      begin_closing(close_frame(event.error().close_code, event.error().reason), false);
      co_return;
    }
    if (!*event) co_return;
    const wire::Event& said = **event;
    switch (said.opcode) {
      case wire::Opcode::kText: co_await handler_->text(said.payload); break;
      case wire::Opcode::kBinary: co_await handler_->binary(said.payload); break;
      case wire::Opcode::kPing:
        outbox_.push_control(control_frame(wire::Opcode::kPong, said.payload));
        loop_.flush_later(*this);
        break;
      case wire::Opcode::kClose:
        peer_closed_ = true;
        begin_closing(close_frame(said.close_code, {}), false);
        break;
      case wire::Opcode::kPong:
      case wire::Opcode::kContinuation: break;  // a sign of life; and never an event
    }
  }
}

// RFC 6455 §7.1: what is queued and our close frame leave, the peer's comes, and the server ends the
// connection first. A peer that broke the protocol has no close frame to give: it is let to end by itself,
// since closing while it sends could overtake our frame with a reset. All within the close deadline.
Task<> WebSocketSession::finish() {
  flush();
  bool ended = false;
  while (state_ != State::kBroken && !(peer_closed_ && outbox_.empty())) {
    if (failed_ && outbox_.empty() && !std::exchange(ended, true)) stream_.shutdown_send();
    co_await stream_.readable();
    if (state_ == State::kBroken) break;
    std::span<char> input = loop_.scratch();
    const auto count = stream_.try_read(input);
    if (!count && count.error() == std::errc::operation_would_block) continue;
    if (!count || *count == 0) break;
    input = input.first(*count);
    while (!peer_closed_ && !failed_) {
      const auto event = decoder_.next(input);
      if (event && !*event) break;
      failed_ = !event;
      peer_closed_ = event && (*event)->opcode == wire::Opcode::kClose;
    }
  }
  break_off();
}

void WebSocketSession::send(realtime::SharedEvent event, Urgency urgency) {
  if (state_ != State::kOpen) return;
  Frame frame = compression_ ? compressed_frame(std::move(event)) : plain_frame(std::move(event));
  // More in one tick than the outbox holds says nothing about the reader yet.
  if (outbox_.bytes() + frame->size() > outbox_.limit()) {
    flush();
    if (closing()) return;
  }
  switch (outbox_.push(std::move(frame), urgency)) {
    case Outbox::Push::kQueued: loop_.flush_later(*this); break;
    case Outbox::Push::kDropped: break;
    case Outbox::Push::kFull: begin_closing(close_frame(CloseCode::kTooSlow, "too slow"), true); break;
  }
}

void WebSocketSession::close(CloseCode code, std::string_view reason) {
  if (state_ == State::kOpen) begin_closing(close_frame(code, reason), false);
}

Task<> WebSocketSession::drained() {
  if (closing() || drained_enough()) co_return;
  co_await suspend([this](Resume resume) { drain_waiter_ = std::make_unique<Resume>(std::move(resume)); });
}

void WebSocketSession::begin_closing(Frame close, bool drop_queued) {
  if (drop_queued) {
    outbox_.seal_now(std::move(close));
  } else {
    outbox_.seal(std::move(close));
  }
  state_ = State::kClosing;
  loop_.arm(*this, timeouts_.close);
  loop_.flush_later(*this);
  wake();
}

void WebSocketSession::break_off() {
  if (std::exchange(state_, State::kBroken) == State::kBroken) return;
  disarm();
  wake();
}

// Makes run() and a waiter in drained() look at the state again.
void WebSocketSession::wake() {
  stream_.cancel();
  if (drain_waiter_ && (closing() || drained_enough())) (*std::exchange(drain_waiter_, nullptr))();
}

void WebSocketSession::flush() {
  if (blocked_ || state_ == State::kBroken) return;
  const std::size_t before = outbox_.bytes();
  const Outbox::Flush result = outbox_.flush(stream_);
  if (outbox_.bytes() < before) progressed_ = true;
  switch (result) {
    case Outbox::Flush::kEmpty:
      if (closing()) wake();
      break;
    case Outbox::Flush::kBlocked:
      blocked_ = true;
      stream_.when_writable([self = shared_from_this()](const boost::system::error_code&) {
        self->blocked_ = false;
        self->flush();
      });
      break;
    case Outbox::Flush::kBroken: break_off(); break;
  }
  if (drain_waiter_ && drained_enough()) (*std::exchange(drain_waiter_, nullptr))();
}

Flushable::Offer WebSocketSession::offer(std::span<iovec> pieces) {
  if (blocked_ || state_ == State::kBroken) return {};
  return {.socket = stream_.descriptor(), .pieces = outbox_.front(pieces)};
}

void WebSocketSession::taken(std::size_t bytes) {
  if (bytes == 0) return;
  progressed_ = true;
  outbox_.written(bytes);
}

bool WebSocketSession::drain(std::chrono::milliseconds returns) {
  if (closing()) return false;
  if (opened_) {
    const auto within = static_cast<std::uint64_t>(std::max<std::int64_t>(returns.count(), 1));
    handler_->restarting(kRestartTakes + std::chrono::milliseconds(loop_.random() % within));
  }
  close(CloseCode::kRestart, "server restarts");
  return true;
}

void WebSocketSession::abort() {
  break_off();
}

void WebSocketSession::expired() {
  if (closing()) {
    break_off();
  } else {
    beat();
  }
}

void WebSocketSession::beat() {
  if (blocked_ && !std::exchange(progressed_, false)) {
    begin_closing(close_frame(CloseCode::kTooSlow, "too slow"), true);
    return;
  }
  // While its handler is busy nothing is read, so silence says nothing about the peer.
  if (std::exchange(heard_, false) || !reading_) {
    unanswered_ = 0;
  } else if (++unanswered_ == kUnansweredPings) {
    close(CloseCode::kHeartbeat, "heartbeat lost");
    return;
  }
  static const Frame kPing = control_frame(wire::Opcode::kPing, {});
  outbox_.push_control(kPing);
  loop_.flush_later(*this);
  arm_beat();
}

// Spread by a tenth either way, so that sockets that came together do not beat together.
void WebSocketSession::arm_beat() {
  const auto tenth = static_cast<std::uint64_t>(timeouts_.heartbeat.count()) / 10;
  const auto jitter =
      static_cast<std::int64_t>(loop_.random() % (2 * tenth + 1)) - static_cast<std::int64_t>(tenth);
  loop_.arm(*this, timeouts_.heartbeat + std::chrono::milliseconds(jitter));
}

}  // namespace izpo::transport
