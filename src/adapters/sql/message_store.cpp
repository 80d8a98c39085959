#include "adapters/sql/message_store.hpp"

#include <array>
#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/paging.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

// Within a room, numbers and ids grow together. Pages are cut by numbers: their index is the room's only one.
constexpr Statement kNewestFirst("SELECT ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns,
                                 kStoredJoins,
                                 "m.room_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3 OFFSET $4");
constexpr Statement kOldestFirst("SELECT ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns,
                                 kStoredJoins,
                                 "m.room_id = $1 AND m.seq > $2 ORDER BY m.seq ASC LIMIT $3 OFFSET $4");
constexpr Statement kSeqOf("SELECT seq FROM messages WHERE id = $2 AND room_id = $1");

// The number of the room's last message with an id below $2; 0 when there is none. Halves its steps, each one
// look into the index: a room has fewer than 2^41 messages.
constexpr Statement kLastSeqBelow(
    "WITH RECURSIVE search (seq, step) AS ("
    "SELECT CAST(0 AS BIGINT), CAST(1099511627776 AS BIGINT) UNION ALL "
    "SELECT CASE WHEN (SELECT m.id FROM messages m WHERE m.room_id = $1 AND m.seq >= search.seq + "
    "search.step "
    "ORDER BY m.seq LIMIT 1) < $2 THEN search.seq + search.step ELSE search.seq END, search.step / 2 "
    "FROM search WHERE search.step > 0) SELECT seq FROM search WHERE step = 0");

// What is new after $2 at the number it was made with, and what was there and changed at that of its change.
// PostgreSQL does not see by itself that no more than a page of each half is needed.
constexpr Statement kByChange(
    postgres_only("("), "SELECT m.seq, ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns,
    kStoredJoins, "m.room_id = $1 AND m.seq > $2", postgres_only(" ORDER BY m.seq LIMIT $3 + $4)"),
    " UNION ALL ", postgres_only("("), "SELECT m.change_seq, ", kMessageColumns, ", ", kUserColumns, ", ",
    kFileColumns, kStoredJoins,
    "m.room_id = $1 AND m.change_seq > $2 AND m.change_seq <> m.seq AND m.seq <= $2",
    postgres_only(" ORDER BY m.change_seq LIMIT $3 + $4)"), " ORDER BY 1 LIMIT $3 OFFSET $4");
constexpr Statement kLastSeq("SELECT last_seq FROM rooms WHERE id = $1 AND NOT is_removed");

constexpr Statement kLastSeqs("SELECT r.id, r.last_seq FROM rooms r WHERE r.id ", in_ids(1),
                              " AND NOT r.is_removed");

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

// The number of the message `id`; when the room has none of that id, `beyond` more than the last one below it
// has.
Task<Result<Seq>> seq_at(Session& session, RoomId room, MessageId id, std::int64_t beyond) {
  IZPO_CO_TRY(const Rows known, co_await session.query(kSeqOf, {room, id}));
  if (!known.empty()) co_return known.row(0).id<Seq>();
  IZPO_CO_TRY(const Rows below, co_await session.query(kLastSeqBelow, {room, id}));
  co_return Seq(below.row(0).integer() + beyond);
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
    Seq bound(kHighestId);
    if (page.after) {
      IZPO_CO_TRY(bound, co_await seq_at(session, room, *page.after, 0));
    } else if (page.before) {
      IZPO_CO_TRY(bound, co_await seq_at(session, room, *page.before, 1));
    }
    const Statement& statement = page.after ? kOldestFirst : kNewestFirst;
    IZPO_CO_TRY(const Rows rows, co_await session.query(statement, {room, bound, page.limit, page.skip}));
    co_return read_all(rows, read_stored);
  });
}

Task<Result<Replay>> MessageStore::replay(RoomId room, Seq after, std::int64_t limit) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<Replay>> {
    Replay replay;
    const std::array<Query, 2> asked{{{kLastSeq, {room}}, {kByChange, {room, after, limit + 1, 0}}}};
    IZPO_CO_TRY(const std::vector<Rows> answers, co_await session.query_all(asked));
    if (answers[0].empty()) co_return fail(reason::kRoomNotFound);
    replay.up_to = answers[0].row(0).id<Seq>();
    auto found = read_all(answers[1], read_change);
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

Task<Result<std::vector<RoomLast>>> MessageStore::last_seqs(std::vector<RoomId> rooms) {
  std::vector<std::int64_t> ids;
  ids.reserve(rooms.size());
  for (const RoomId room : rooms) ids.push_back(room.value);
  co_return co_await database_.read([&ids](Session& session) -> Task<Result<std::vector<RoomLast>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kLastSeqs, {Ids(ids)}));
    co_return read_all(
        rows, [](Row& row) { return RoomLast{.room = row.id<RoomId>(), .last_seq = row.id<Seq>()}; });
  });
}

}  // namespace izpo::sql
