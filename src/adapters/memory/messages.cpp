#include "adapters/memory/messages.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

#include "adapters/memory/rooms.hpp"
#include "domain/reasons.hpp"

namespace izpo::memory {

namespace {

std::optional<File> file_of(const Data& data, std::optional<FileId> id) {
  const FileRow* const row = id ? find(data.files, *id) : nullptr;
  return row == nullptr || row->deleted_at ? std::nullopt : std::optional(row->file);
}

// What came after `after`, by the number at which it stands (see Replay).
std::map<Seq, const Message*> changes(const RoomRow& room, Seq after) {
  std::map<Seq, const Message*> found;
  for (const Message& message : room.messages) {
    const Seq number = message.seq > after ? message.seq : message.change_seq;
    if (number > after) found.emplace(number, &message);
  }
  return found;
}

}  // namespace

StoredMessage stored_message(const Data& data, const Message& message) {
  return {
      .message = message, .sender = data.users.at(message.sender).user, .file = file_of(data, message.file)};
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
    return AppendedMessage{.message = *first,
                           .sender = card_of(sender->user),
                           .file = file_of(data_, first->file),
                           .repeat = true};
  }
  const auto attached = file_of(data_, message.file);
  if (message.file && (!attached || attached->uploader != message.sender)) return fail(reason::kFileNotFound);

  row->room.last_seq = Seq(row->room.last_seq.value + 1);
  row->messages.push_back({.id = data_.next_id<MessageId>(),
                           .room = message.room,
                           .sender = message.sender,
                           .seq = row->room.last_seq,
                           .content = std::move(message.content),
                           .client_id = std::move(message.client_id),
                           .file = message.file,
                           .created_at = now,
                           .change_seq = row->room.last_seq});
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
    if (page.after && message.id <= *page.after) return;
    if (page.before && message.id >= *page.before) return;
    if (std::cmp_less(result.size(), page.limit) && ++skipped > page.skip)
      result.push_back(stored_message(data_, message));
  };
  if (page.after_seq) {
    for (const auto& [number, message] : changes(*row, *page.after_seq)) take(*message);
  } else if (page.after) {
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
  Seq last = after;
  for (const auto& [number, message] : changes(*row, after)) {
    if (std::cmp_equal(replay.messages.size(), limit)) {
      replay.more = true;
      replay.up_to = last;
      break;
    }
    replay.messages.push_back(stored_message(data_, *message));
    last = number;
  }
  co_return replay;
}

Task<Result<Seq>> MessageStore::last_seq(RoomId room) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  co_return row->room.last_seq;
}

Task<Result<std::vector<RoomLast>>> MessageStore::last_seqs(std::vector<RoomId> rooms) {
  const std::scoped_lock lock(data_.mutex);
  std::vector<RoomLast> result;
  for (const RoomId room : rooms) {
    if (const RoomRow* const row = find(data_.rooms, room)) result.push_back({room, row->room.last_seq});
  }
  co_return result;
}

}  // namespace izpo::memory
