#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/task.hpp"
#include "realtime/frame.hpp"

// One WebSocket as the chat sees it. transport/ owns the descriptor and runs the codec; api/ decides what is
// said.
namespace izpo::realtime {

// Close codes of the chat. A client comes back after 1006, 1012, 1013, 4001, 4002, 4003; it does not after
// the others.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kPolicy = 1008,      // bad token, unknown room, no access
  kTooBig = 1009,      //
  kInternal = 1011,    //
  kRestart = 1012,     // this server stops
  kOverload = 1013,    // try again later
  kTooSlow = 4001,     // the outbox overflowed: come back with the last seq
  kResync = 4002,      // come back and load again
  kHeartbeat = 4003,   // no sign of life
  kLoginEnded = 4401,  // logged out, deactivated, password changed
  kRemoved = 4403,     // no member any more
  kRoomGone = 4404,    //
  kTooMany = 4429,     // too many messages or sockets
};

enum class Urgency : std::uint8_t {
  kKept,       // delivered, or the socket is closed
  kEphemeral,  // typing, presence: dropped first when the reader is slow
};

// The sending half, owned by transport. Everything here is called on the socket's own loop, and never calls
// the handler back before it returns.
class Socket {
 public:
  virtual ~Socket() = default;

  // Queues an event; it leaves at the end of the loop's tick with whatever else is queued. After close() it
  // does nothing.
  virtual void send(SharedEvent event, Urgency urgency) = 0;

  // Sends what is queued, then a close frame, then ends the connection. The first call wins.
  virtual void close(CloseCode code, std::string_view reason) = 0;

  // Returns when little is left to be sent (a quarter of the outbox's limit or less), or the socket is
  // closing. For long replays: without it they would overflow the outbox. One waiter at a time.
  virtual Task<> drained() = 0;

  // close() was called here or by the peer, or the connection broke: nothing sent from now on arrives.
  virtual bool closing() const = 0;

  // The loop this socket lives on.
  virtual Executor executor() const = 0;
};

// The listening half: one object a WebSocket, made by the operation that accepted the upgrade. Called on the
// socket's loop; transport keeps it until closed() has returned and every coroutine of it has ended.
class SocketHandler {
 public:
  virtual ~SocketHandler() = default;

  // Once, before anything is read. `socket` lives until after closed().
  virtual Task<> opened(Socket& socket) = 0;

  // A complete text message, valid UTF-8. The next one is not read until this returns, so waiting here is
  // back-pressure.
  virtual Task<> text(std::string_view message) = 0;

  // A complete binary message.
  virtual Task<> binary(std::string_view message) = 0;

  // The server stops: the socket is closed with kRestart next, and the client is best back after `delay`, a
  // different one for each socket. Between opened() and closed(); once at most.
  virtual void restarting(std::chrono::milliseconds /*delay*/) {}

  // Once, whoever ended it. No more sends after this.
  virtual void closed() = 0;
};

}  // namespace izpo::realtime
