#include "adapters/sql/message_store.hpp"

#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/paging.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

// A file that was deleted keeps its row and is read as none.
constexpr std::string_view kJoins =
    " FROM messages m JOIN users u ON u.id = m.sender_id "
    "LEFT JOIN file_uploads f ON f.id = m.file_id AND f.deleted_at IS NULL WHERE ";

constexpr Statement kNewestFirst("SELECT ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns, kJoins,
                                 "m.room_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3 OFFSET $4");
constexpr Statement kOldestFirst("SELECT ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns, kJoins,
                                 "m.room_id = $1 AND m.id > $2 ORDER BY m.id ASC LIMIT $3 OFFSET $4");
constexpr Statement kByChange(
    "SELECT m.change_seq, ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns, kJoins,
    "m.room_id = $1 AND m.change_seq > $2 ORDER BY m.change_seq ASC LIMIT $3 OFFSET $4");
constexpr Statement kLastSeq("SELECT last_seq FROM rooms WHERE id = $1 AND NOT is_removed");

StoredMessage read_stored(Row& row) {
  StoredMessage stored{.message = read_message(row), .sender = read_user(row), .file = std::nullopt};
  if (!row.next_is_null()) stored.file = read_file(row);
  return stored;
}

struct Change {
  Seq seq;
  StoredMessage stored;
};

Change read_change(Row& row) {
  return {.seq = row.id<Seq>(), .stored = read_stored(row)};
}

Task<Result<std::vector<Change>>> changes(Session& session, RoomId room, Seq after, std::int64_t limit,
                                          std::int64_t skip) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(kByChange, {room, after, limit, skip}));
  co_return read_all(rows, read_change);
}

std::vector<StoredMessage> messages_of(std::vector<Change> changes) {
  std::vector<StoredMessage> messages;
  messages.reserve(changes.size());
  for (Change& change : changes) messages.push_back(std::move(change.stored));
  return messages;
}

Task<Result<Seq>> read_last_seq(Session& session, RoomId room) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(kLastSeq, {room}));
  if (rows.empty()) co_return fail(reason::kRoomNotFound);
  co_return rows.row(0).id<Seq>();
}

}  // namespace

Task<Result<std::vector<StoredMessage>>> MessageStore::history(RoomId room, HistoryPage page) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<std::vector<StoredMessage>>> {
    if (page.after_seq) {
      IZPO_CO_TRY(auto found, co_await changes(session, room, *page.after_seq, page.limit, page.skip));
      co_return messages_of(std::move(found));
    }
    const Statement& statement = page.after ? kOldestFirst : kNewestFirst;
    const MessageId bound = page.after ? *page.after : page.before.value_or(MessageId(kHighestId));
    IZPO_CO_TRY(const Rows rows, co_await session.query(statement, {room, bound, page.limit, page.skip}));
    co_return read_all(rows, read_stored);
  });
}

Task<Result<Replay>> MessageStore::replay(RoomId room, Seq after, std::int64_t limit) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<Replay>> {
    Replay replay;
    IZPO_CO_TRY(replay.up_to, co_await read_last_seq(session, room));
    IZPO_CO_TRY(auto found, co_await changes(session, room, after, limit + 1, 0));
    if (std::cmp_greater(found.size(), limit)) {
      found.resize(static_cast<std::size_t>(limit));
      replay.more = true;
      replay.up_to = found.back().seq;
    }
    replay.messages = messages_of(std::move(found));
    co_return replay;
  });
}

Task<Result<Seq>> MessageStore::last_seq(RoomId room) {
  co_return co_await database_.read([room](Session& session) { return read_last_seq(session, room); });
}

}  // namespace izpo::sql
