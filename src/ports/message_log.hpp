#pragma once

#include <functional>

#include "base/task.hpp"
#include "ports/message_store.hpp"

namespace izpo {

// The way into a room's history: stores a message durably, then shows it to everybody connected to the room,
// in the order of its number. realtime/write_queue is the one implementation.
class MessageLog {
 public:
  using Completion = std::move_only_function<void(AppendOutcome)>;

  virtual ~MessageLog() = default;

  // Calls `done` exactly once, later and on the loop `home`, when the message is on disk and before that
  // loop's sockets are handed the event; or with the error of MessageStore::append, kOverloaded (the queue is
  // full) or kShuttingDown. Messages appended from one thread keep their order.
  virtual void append(PendingMessage message, Executor home, Completion done) = 0;
};

}  // namespace izpo
