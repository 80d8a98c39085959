#include "adapters/memory/messages.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "adapters/memory/rooms.hpp"
#include "domain/reasons.hpp"

namespace izpo::memory {

std::optional<File> MessageStore::file(std::optional<FileId> id) const {
  const FileRow* const row = id ? find(data_.files, *id) : nullptr;
  return row == nullptr || row->deleted_at ? std::nullopt : std::optional(row->file);
}

StoredMessage MessageStore::stored(const Message& message) const {
  return {.message = message, .sender = data_.users.at(message.sender).user, .file = file(message.file)};
}

AppendOutcome MessageStore::append_one(PendingMessage message, Timestamp now) {
  RoomRow* const row = find(data_.rooms, message.room);
  const UserRow* const sender = find(data_.users, message.sender);
  if (row == nullptr || sender == nullptr) return fail(reason::kRoomNotFound);
  const Standing standing = standing_of(*row, message.sender);
  if (standing != Standing::kMember && row->room.is_private) return fail(reason::kRoomNotFound);
  if (!sender->user.is_active) return fail(reason::kLoginEnded);
  if (standing == Standing::kRemoved) return fail(reason::kRemovedFromRoom);
  if (standing == Standing::kStranger) return fail(reason::kNotMember);

  const auto first = std::ranges::find_if(row->messages, [&](const Message& other) {
    return message.client_id && other.client_id == message.client_id && other.sender == message.sender;
  });
  if (first != row->messages.end()) {
    if (first->content != message.content || first->file != message.file)
      return fail(reason::kClientIdConflict);
    return AppendedMessage{
        .message = *first, .sender = card_of(sender->user), .file = file(first->file), .repeat = true};
  }
  const auto attached = file(message.file);
  if (message.file && (!attached || attached->uploader != message.sender)) return fail(reason::kFileNotFound);

  row->room.last_seq = Seq(row->room.last_seq.value + 1);
  row->messages.push_back({.id = data_.next_id<MessageId>(),
                           .room = message.room,
                           .sender = message.sender,
                           .seq = row->room.last_seq,
                           .content = std::move(message.content),
                           .client_id = std::move(message.client_id),
                           .file = message.file,
                           .created_at = now});
  return AppendedMessage{.message = row->messages.back(), .sender = card_of(sender->user), .file = attached};
}

Task<Result<std::vector<AppendOutcome>>> MessageStore::append(std::vector<PendingMessage> batch,
                                                              Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  std::vector<AppendOutcome> outcomes;
  for (PendingMessage& message : batch) outcomes.push_back(append_one(std::move(message), now));
  co_return outcomes;
}

Task<Result<std::vector<StoredMessage>>> MessageStore::history(RoomId room, HistoryPage page) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = find(data_.rooms, room);
  std::vector<StoredMessage> result;
  if (row == nullptr) co_return result;
  std::int64_t skipped = 0;
  const auto take = [&](const Message& message) {
    if ((page.after && message.id <= *page.after) || (page.after_seq && message.seq <= *page.after_seq))
      return;
    if (page.before && message.id >= *page.before) return;
    if (std::cmp_less(result.size(), page.limit) && ++skipped > page.skip) result.push_back(stored(message));
  };
  if (page.after || page.after_seq) {
    std::ranges::for_each(row->messages, take);
  } else {
    std::ranges::for_each(std::views::reverse(row->messages), take);
  }
  co_return result;
}

Task<Result<Replay>> MessageStore::replay(RoomId room, Seq after, std::int64_t limit) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  Replay replay;
  replay.up_to = row->room.last_seq;
  for (const Message& message : row->messages) {
    if (message.seq <= after) continue;
    if (std::cmp_equal(replay.messages.size(), limit)) {
      replay.more = true;
      replay.up_to = replay.messages.back().message.seq;
      break;
    }
    replay.messages.push_back(stored(message));
  }
  co_return replay;
}

Task<Result<Seq>> MessageStore::last_seq(RoomId room) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  co_return row->room.last_seq;
}

}  // namespace izpo::memory
