#pragma once

#include <functional>
#include <vector>

#include "base/task.hpp"
#include "ports/message_store.hpp"

namespace izpo {

// The way into a room's history, for all that takes one of its numbers: stores it durably, then shows it to
// everybody connected to the room, in the order of its number. realtime/write_queue is the one
// implementation.
class MessageLog {
 public:
  using Completion = std::move_only_function<void(AppendOutcome)>;

  virtual ~MessageLog() = default;

  // Calls `done` exactly once, later and on the loop `home`, when the message is on disk and before that
  // loop's sockets are handed the event; or with the error of MessageStore::append, kOverloaded (the queue is
  // full) or kShuttingDown. Messages appended to a room from one thread keep their order.
  virtual void append(PendingMessage message, Executor home, Completion done) = 0;

  // A durable transaction that changes messages, and gives them as they are now, by room and change_seq.
  using Change = std::move_only_function<Task<Result<std::vector<StoredMessage>>>()>;
  using ChangeCompletion = std::move_only_function<void(Result<void>)>;

  // Runs `change` when no other transaction of this node takes numbers, and shows what it changed. Calls
  // `done` exactly once, as append does; or with the error of `change`, kOverloaded or kShuttingDown.
  virtual void change(Change change, Executor home, ChangeCompletion done) = 0;
};

}  // namespace izpo
