#include "adapters/sql/room_store.hpp"

#include <array>
#include <span>
#include <unordered_map>
#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/memberships.hpp"
#include "adapters/sql/paging.hpp"
#include "base/log.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

constexpr Statement kInsert(
    "INSERT INTO rooms (name, description, is_private, owner_id, created_at) VALUES ($1, $2, $3, $4, $5)",
    kRoomReturning);
constexpr Statement kInsertOwner("INSERT INTO user_rooms (room_id, user_id, joined_at) VALUES ($1, $2, $3)");
constexpr Statement kFind("SELECT ", kRoomColumns, " FROM rooms r WHERE r.id = $1 AND NOT r.is_removed");
constexpr Statement kFindAll("SELECT ", kRoomColumns, " FROM rooms r WHERE r.id ", in_ids(1),
                             " AND NOT r.is_removed");
constexpr Statement kStandings(
    "SELECT m.room_id, m.removed_at FROM user_rooms m WHERE m.user_id = $2 AND m.room_id ", in_ids(1));
constexpr PagedList kListPublic("r.id", "SELECT ", kRoomColumns,
                                " FROM rooms r WHERE NOT r.is_private AND NOT r.is_removed");
constexpr PagedList kListOf("m.room_id", "SELECT ", kRoomColumns,
                            " FROM user_rooms m JOIN rooms r ON r.id = m.room_id "
                            "WHERE m.user_id = $5 AND m.removed_at IS NULL AND NOT r.is_removed");
constexpr Statement kUpdate(
    "UPDATE rooms SET name = coalesce($2, name), description = CASE WHEN $3 THEN $4 ELSE description END, "
    "is_private = coalesce($5, is_private), updated_at = $6 WHERE id = $1 AND NOT is_removed",
    kRoomReturning);
constexpr Statement kSetOwner("UPDATE rooms SET owner_id = $2, updated_at = $3 WHERE id = $1",
                              kRoomReturning);

// A removal in steps: a long history in one transaction would keep every other writer waiting.
constexpr std::int64_t kMessagesAStep = 1000;
constexpr Statement kMarkRemoved("UPDATE rooms SET is_removed = TRUE WHERE id = $1");
constexpr Statement kDeleteMembers("DELETE FROM user_rooms WHERE room_id = $1");
constexpr Statement kNextRemoved("SELECT id FROM rooms WHERE is_removed ORDER BY id LIMIT 1");
constexpr Statement kDeleteMessages(
    "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE room_id = $1 ORDER BY seq LIMIT $2) "
    "RETURNING id");
constexpr Statement kDelete("DELETE FROM rooms WHERE id = $1");

Task<Result<std::vector<Room>>> list_rooms(Session& session, const Statement& statement, Params params) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(statement, params));
  co_return read_all(rows, read_room);
}

// A statement that returns the room it made or changed.
Task<Result<Room>> change_room(Session& session, const Statement& statement, Params params) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(statement, params));
  auto room = read_first(rows, read_room);
  if (!room) co_return fail(reason::kRoomNotFound);
  co_return *std::move(room);
}

// Fails with kRoomNotFound, and with kNotOwner when `user` does not own the room.
Task<Result<void>> lock_own_room(Session& session, RoomId room, UserId user) {
  IZPO_CO_TRY(const UserId owner, co_await lock_room(session, room));
  if (owner != user) co_return fail(reason::kNotOwner);
  co_return Result<void>();
}

}  // namespace

Task<Result<Room>> RoomStore::create(NewRoom room) {
  auto created = co_await database_.write([&room, this](Session& session) -> Task<Result<Room>> {
    IZPO_CO_TRY(Room made, co_await change_room(
                               session, kInsert,
                               {room.name, room.description, room.is_private, room.owner, room.created_at}));
    IZPO_CO_CHECK(co_await session.query(kInsertOwner, {made.id, room.owner, room.created_at}));
    IZPO_CO_CHECK(co_await tell_others(session, node_, made.id, room.owner));
    co_return made;
  });
  if (!created && created.error().reason == kForeignKeyViolation) co_return fail(reason::kUserNotFound);
  co_return created;
}

Task<Result<std::optional<RoomStanding>>> RoomStore::find(RoomId id, std::optional<UserId> viewer) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<std::optional<RoomStanding>>> {
    const std::array<Query, 2> asked{{{kFind, {id}}, ask_standing(id, viewer.value_or(UserId{}))}};
    const std::size_t count = viewer ? 2 : 1;
    IZPO_CO_TRY(const std::vector<Rows> answers, co_await session.query_all(std::span(asked).first(count)));
    auto room = read_first(answers[0], read_room);
    if (!room) co_return std::nullopt;
    co_return RoomStanding{.room = *std::move(room),
                           .standing = viewer ? read_standing(answers[1]) : Standing::kStranger};
  });
}

Task<Result<std::vector<RoomStanding>>> RoomStore::find_all(std::vector<RoomId> ids, UserId viewer) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(ids.size());
  for (const RoomId id : ids) numbers.push_back(id.value);
  co_return co_await database_.read([&](Session& session) -> Task<Result<std::vector<RoomStanding>>> {
    const std::array<Query, 2> asked{{{kFindAll, {Ids(numbers)}}, {kStandings, {Ids(numbers), viewer}}}};
    IZPO_CO_TRY(const std::vector<Rows> answers, co_await session.query_all(asked));
    const Rows& rooms = answers[0];
    const Rows& standings = answers[1];
    auto found = read_all(rooms, [](Row& row) { return RoomStanding{.room = read_room(row)}; });
    std::unordered_map<RoomId, Standing> standing;
    for (std::size_t i = 0; i < standings.size(); ++i) {
      Row row = standings.row(i);
      const auto room = row.id<RoomId>();
      standing[room] = row.next_is_null() ? Standing::kMember : Standing::kRemoved;
    }
    for (auto& each : found) {
      if (const auto known = standing.find(each.room.id); known != standing.end())
        each.standing = known->second;
    }
    co_return found;
  });
}

Task<Result<std::vector<Room>>> RoomStore::list_public(Page page) {
  co_return co_await database_.read([page](Session& session) {
    return list_rooms(session, kListPublic.statement(page), page_params(page));
  });
}

Task<Result<std::vector<Room>>> RoomStore::list_of(UserId member, Page page) {
  co_return co_await database_.read([=](Session& session) {
    return list_rooms(session, kListOf.statement(page), page_params(page, member));
  });
}

Task<Result<Room>> RoomStore::update(RoomId id, RoomChange change, Timestamp now) {
  const bool sets_description = change.description.has_value();
  const std::optional<std::string> description = change.description.value_or(std::nullopt);
  co_return co_await database_.write([&](Session& session) -> Task<Result<Room>> {
    IZPO_CO_TRY(Room updated, co_await change_room(
                                  session, kUpdate,
                                  {id, change.name, sets_description, description, change.is_private, now}));
    IZPO_CO_CHECK(co_await tell_others(session, node_, id, std::nullopt));
    co_return updated;
  });
}

Task<Result<Room>> RoomStore::set_owner(RoomId id, UserId from, UserId to, Timestamp now) {
  co_return co_await database_.write([=, this](Session& session) -> Task<Result<Room>> {
    IZPO_CO_CHECK(co_await lock_own_room(session, id, from));
    IZPO_CO_TRY(const Standing standing, co_await standing_of(session, id, to));
    if (standing != Standing::kMember) co_return fail(reason::kMemberNotFound);
    IZPO_CO_CHECK(co_await tell_others(session, node_, id, std::nullopt));
    co_return co_await change_room(session, kSetOwner, {id, to, now});
  });
}

Task<Result<void>> RoomStore::remove(RoomId id, UserId owner) {
  IZPO_CO_CHECK(co_await database_.write([=, this](Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await lock_own_room(session, id, owner));
    IZPO_CO_CHECK(co_await session.query(kDeleteMembers, {id}));
    IZPO_CO_CHECK(co_await session.query(kMarkRemoved, {id}));
    co_return co_await tell_others(session, node_, id, std::nullopt);
  }));
  // The room is gone. What cannot be cleared now is cleared with the next room that is removed.
  Result<bool> more = true;
  while (more && *more) more = co_await clear_some();
  if (!more) spdlog::warn("cannot clear the messages of removed rooms: {}", more.error().log_detail);
  co_return Result<void>();
}

Task<Result<bool>> RoomStore::clear_some() {
  co_return co_await database_.write([](Session& session) -> Task<Result<bool>> {
    IZPO_CO_TRY(const Rows removed, co_await session.query(kNextRemoved, {}));
    if (removed.empty()) co_return false;
    const auto room = removed.row(0).id<RoomId>();
    IZPO_CO_TRY(const Rows deleted, co_await session.query(kDeleteMessages, {room, kMessagesAStep}));
    if (std::cmp_less(deleted.size(), kMessagesAStep)) IZPO_CO_CHECK(co_await session.query(kDelete, {room}));
    co_return true;
  });
}

}  // namespace izpo::sql
