#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/message_log.hpp"
#include "ports/message_store.hpp"
#include "services/access.hpp"
#include "services/posting_budget.hpp"

namespace izpo::services {

struct MessageDraft {
  std::string content;
  std::optional<FileId> file;
  std::optional<std::string> client_id;
};

struct History {
  Room room;
  std::vector<StoredMessage> messages;  // in the order of ports/page HistoryPage
};

// Posting and reading. Safe to call from any loop.
class Messages {
 public:
  Messages(MessageStore& store, MessageLog& log, Access& access, PostingBudget& budget)
      : store_(store), log_(log), access_(access), budget_(budget) {}

  // One answer for REST: the message, durable, and already on its way to the room. Fails as
  // PostingBudget::take, Access::to_take_part and MessageStore::append, and with kEmptyMessage,
  // kMessageTooLong, kInvalidText, kInvalidClientId.
  struct Posted {
    Room room;
    AppendedMessage appended;
  };
  Task<Result<Posted>> post(const Principal& caller, RoomId room, MessageDraft draft);

  // The same for a socket whose user takes part already: does not wait. `done` is called on `home` as
  // MessageLog::append says; a draft that breaks a rule, or one too many, is the returned error, and `done`
  // is not called.
  Result<void> submit(UserId sender, RoomId room, MessageDraft draft, Executor home,
                      MessageLog::Completion done);

  Task<Result<History>> history(const Principal& caller, RoomId room, HistoryPage page);

  // For a socket: what was missed, and where the room stands. No gate: the socket's opening was it.
  Task<Result<Replay>> replay(RoomId room, Seq after, std::int64_t limit);
  Task<Result<Seq>> last_seq(RoomId room);

 private:
  MessageStore& store_;
  MessageLog& log_;
  Access& access_;
  PostingBudget& budget_;
};

}  // namespace izpo::services
