#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <system_error>
#include <vector>

#include "realtime/frame.hpp"
#include "realtime/socket.hpp"

namespace izpo::realtime {

// Where an outbox's bytes go: a plain socket, later TLS or a ring.
class Sink {
 public:
  virtual ~Sink() = default;

  // Takes as many bytes off the front of `pieces` as fit now, without waiting, and returns how many: 0 is
  // "full". An error means that the connection is gone.
  virtual std::expected<std::size_t, std::error_code> try_write(std::span<const iovec> pieces) = 0;
};

// What one socket has still to send, bounded in bytes. It decides what is dropped when the reader is slow:
// above half of the limit no ephemeral frame is taken; a kept frame that does not fit pushes queued ephemeral
// ones out; if it still does not fit, the outbox is full and the socket has to go. A frame that has begun to
// leave is always finished. An empty outbox takes one frame of any size.
//
// Small when idle: it owns little or no memory while nothing is queued. For one thread.
class Outbox {
 public:
  enum class Push : std::uint8_t { kQueued, kDropped, kFull };
  enum class Flush : std::uint8_t { kEmpty, kBlocked, kBroken };

  explicit Outbox(std::size_t limit) : limit_(limit) {}

  // kDropped: an ephemeral frame that nobody will miss, or the outbox is sealed.
  Push push(Frame frame, Urgency urgency);

  // A ping or pong: goes before every other frame that has not begun to leave. When many wait already, it
  // takes the place of the last of its kind: RFC 6455 §5.5.3 asks no more than to answer the latest ping.
  void push_control(Frame frame);

  // The last frame: what is queued leaves, then this. Nothing is taken any more.
  void seal(Frame close);

  // The same, but what has not begun to leave is dropped.
  void seal_now(Frame close);

  // Writes until all is gone or the sink is full.
  Flush flush(Sink& sink);

  // What flush() does, for who writes to many sockets at once: the pieces at the front, as many as there are
  // and fit, good until the outbox changes; then how many of their bytes were written.
  std::size_t front(std::span<iovec> pieces) const;
  void written(std::size_t count);

  std::size_t bytes() const { return bytes_; }
  std::size_t limit() const { return limit_; }
  bool empty() const { return next_ == items_.size(); }
  bool sealed() const { return sealed_; }

 private:
  enum class Kind : std::uint8_t { kKept, kEphemeral, kControl };
  struct Item {
    Frame frame;
    Kind kind;
  };

  std::size_t movable() const { return next_ + (begun_ > 0 ? 1 : 0); }  // the first that has not begun
  void append(Frame frame, Kind kind);
  void drop_ephemeral();
  void drop_from(std::size_t index);

  std::size_t limit_;
  std::size_t bytes_ = 0;    // still to be written
  std::size_t begun_ = 0;    // of the first frame, already written
  std::vector<Item> items_;  // [next_, end) are queued; those before have left
  std::uint32_t next_ = 0;
  bool sealed_ = false;
};

}  // namespace izpo::realtime
