#pragma once

#include <functional>

#include "ports/message_store.hpp"

namespace izpo {

// The way into a room's history: stores a message durably, then shows it to everybody connected to the room,
// in the order of its number. realtime/write_queue is the one implementation.
class MessageLog {
 public:
  using Completion = std::move_only_function<void(AppendOutcome)>;

  virtual ~MessageLog() = default;

  // Calls `done` exactly once, on the loop that called append, when the message is on disk and before that
  // loop's sockets are handed the event; or with the error of MessageStore::append, kOverloaded (the queue is
  // full) or kShuttingDown. Call it from a loop's thread. Messages appended from one loop to one room keep
  // their order.
  virtual void append(PendingMessage message, Completion done) = 0;
};

}  // namespace izpo
