#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/file.hpp"
#include "domain/message.hpp"
#include "domain/user.hpp"
#include "ports/page.hpp"

namespace izpo {

// A message that wants to be stored. Its rules (length, trimming, no NUL) were checked before.
struct PendingMessage {
  RoomId room;
  UserId sender;
  std::string content;
  std::optional<std::string> client_id;
  std::optional<FileId> file;
};

struct AppendedMessage {
  Message message;
  UserCard sender;
  std::optional<File> file;
  bool repeat = false;  // the client_id was there: this is the first message again, nothing was stored
};

using AppendOutcome = Result<AppendedMessage>;

struct StoredMessage {
  Message message;
  User sender;
  std::optional<File> file;  // nullopt with message.file set: the file was deleted
};

// What a client that has seen everything up to a number N has missed, each message once, in its latest state.
// One with `seq` above N is new to it, and stands at that number, whenever it was changed since. One with
// `seq` up to N and `change_seq` above it is known to it and was changed: it stands at `change_seq`.
struct Replay {
  std::vector<StoredMessage> messages;  // ascending by the number at which they stand
  Seq up_to;          // everything up to here is in `messages` (or was overtaken by a later change)
  bool more = false;  // `limit` cut it: ask again after up_to
};

struct RoomLast {
  RoomId room;
  Seq last_seq;
};

// Messages. Safe to call from any loop, but for append.
class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // How many appends of a node may run at once, none of which has a room in common with another (the write
  // queue keeps to that).
  virtual std::size_t appends_at_once() const { return 1; }

  // Stores the batch in one durable transaction and returns an outcome for each, in order. When it returns,
  // what succeeded survives a power cut. Within a room the messages take the next numbers in batch order,
  // without gaps; one that fails takes none and does not fail the others:
  //   kRoomNotFound      the room is gone, or it is private and the sender is not a member
  //   kRemovedFromRoom   the owner removed the sender
  //   kNotMember         a public room the sender has not joined
  //   kLoginEnded        the sender's account is not active
  //   kFileNotFound      the file is not there or not the sender's own
  //   kClientIdConflict  the same sender used this client_id in this room for another content or file
  // The outer Result fails (kStorageUnavailable, kStorageFull) when nothing of the batch was stored.
  virtual Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch,
                                                          Timestamp now) = 0;

  // Its cost does not grow with the length of the room's history, unless `skip` is used. With `after_seq` it
  // has what a replay has.
  virtual Task<Result<std::vector<StoredMessage>>> history(RoomId room, HistoryPage page) = 0;

  // What a client that has seen everything up to `after` has missed.
  virtual Task<Result<Replay>> replay(RoomId room, Seq after, std::int64_t limit) = 0;

  // The room's latest number; fails with kRoomNotFound.
  virtual Task<Result<Seq>> last_seq(RoomId room) = 0;

  // The same of many, in one query: of those that are there, in no order.
  virtual Task<Result<std::vector<RoomLast>>> last_seqs(std::vector<RoomId> rooms) = 0;
};

}  // namespace izpo
