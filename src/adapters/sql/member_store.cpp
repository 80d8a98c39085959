#include "adapters/sql/member_store.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/memberships.hpp"
#include "adapters/sql/paging.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

constexpr Statement kIsPrivate("SELECT is_private FROM rooms WHERE id = $1 AND NOT is_removed");
constexpr Statement kInsert(
    "INSERT INTO user_rooms (room_id, user_id, joined_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (room_id, user_id) DO NOTHING RETURNING user_id");
constexpr Statement kInsertOrRestore(
    "INSERT INTO user_rooms (room_id, user_id, joined_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (room_id, user_id) DO UPDATE SET joined_at = excluded.joined_at, removed_at = NULL "
    "WHERE user_rooms.removed_at IS NOT NULL RETURNING user_id");
constexpr Statement kRemove(
    "INSERT INTO user_rooms (room_id, user_id, joined_at, removed_at) VALUES ($1, $2, $3, $3) "
    "ON CONFLICT (room_id, user_id) DO UPDATE SET removed_at = excluded.removed_at");
constexpr Statement kDelete(
    "DELETE FROM user_rooms WHERE room_id = $1 AND user_id = $2 AND removed_at IS NULL RETURNING user_id");
constexpr PagedList kList("m.user_id", "SELECT ", kUserColumns,
                          " FROM user_rooms m JOIN users u ON u.id = m.user_id "
                          "WHERE m.room_id = $5 AND m.removed_at IS NULL");

constexpr Statement kIds(
    "SELECT user_id FROM user_rooms WHERE room_id = $1 AND removed_at IS NULL ORDER BY user_id");

// Of each room the number of its members, and its first ones, in no order. Only of a room that has more than
// $2 of them the id of the last one shown is looked up, and its owner and the viewer ($3) come as well,
// marked; so a room of thousands costs no more than counting it.
constexpr Statement kPreview(
    "WITH sized AS MATERIALIZED (SELECT m.room_id, count(*) AS members FROM user_rooms m WHERE m.room_id ",
    in_ids(1), " AND m.removed_at IS NULL GROUP BY m.room_id) SELECT sized.room_id, sized.members, FALSE, ",
    kUserColumns,
    " FROM sized JOIN user_rooms m ON m.room_id = sized.room_id "
    "AND m.user_id <= CASE WHEN sized.members > $2 THEN (SELECT x.user_id FROM user_rooms x "
    "WHERE x.room_id = sized.room_id AND x.removed_at IS NULL ORDER BY x.user_id LIMIT 1 OFFSET $2 - 1) "
    "ELSE 9223372036854775807 END JOIN users u ON u.id = m.user_id WHERE m.removed_at IS NULL "
    "UNION ALL SELECT sized.room_id, sized.members, TRUE, ",
    kUserColumns,
    " FROM sized JOIN user_rooms m ON m.room_id = sized.room_id "
    "AND m.user_id IN ((SELECT r.owner_id FROM rooms r WHERE r.id = sized.room_id), $3) "
    "JOIN users u ON u.id = m.user_id WHERE sized.members > $2 AND m.removed_at IS NULL");

// Puts `must` among `members` (by id), in place of the last of those that nobody insists on.
void show(std::vector<User>& members, const User& must, const std::vector<UserId>& insisted,
          std::size_t at_most) {
  const auto by_id = [](const User& a, const User& b) { return a.id < b.id; };
  if (std::ranges::binary_search(members, must, by_id)) return;
  if (members.size() >= at_most) {
    const auto spare = std::find_if(members.rbegin(), members.rend(), [&](const User& member) {
      return std::ranges::find(insisted, member.id) == insisted.end();
    });
    if (spare != members.rend()) members.erase(std::next(spare).base());
  }
  members.insert(std::ranges::lower_bound(members, must.id, {}, &User::id), must);
}

}  // namespace

Task<Result<JoinOutcome>> MemberStore::join(RoomId room, UserId user, Timestamp now) {
  co_return co_await database_.write([=, this](Session& session) -> Task<Result<JoinOutcome>> {
    IZPO_CO_TRY(const Standing standing, co_await standing_of(session, room, user));
    if (standing == Standing::kMember) co_return JoinOutcome::kAlreadyMember;
    IZPO_CO_TRY(const Rows rows, co_await session.query(kIsPrivate, {room}));
    if (rows.empty() || rows.row(0).flag()) co_return fail(reason::kRoomNotFound);
    if (standing == Standing::kRemoved) co_return fail(reason::kRemovedFromRoom);
    IZPO_CO_TRY(const Rows inserted, co_await session.query(kInsert, {room, user, now}));
    if (!inserted.empty()) {
      IZPO_CO_CHECK(co_await tell_others(session, node_, room, user));
      co_return JoinOutcome::kJoined;
    }
    // Another has put the user there since the first look.
    IZPO_CO_TRY(const Standing since, co_await standing_of(session, room, user));
    if (since == Standing::kRemoved) co_return fail(reason::kRemovedFromRoom);
    co_return JoinOutcome::kAlreadyMember;
  });
}

Task<Result<JoinOutcome>> MemberStore::add(RoomId room, UserId user, Timestamp now) {
  auto added = co_await database_.write([=, this](Session& session) -> Task<Result<JoinOutcome>> {
    IZPO_CO_CHECK(co_await lock_room(session, room));
    IZPO_CO_TRY(const Rows rows, co_await session.query(kInsertOrRestore, {room, user, now}));
    if (rows.empty()) co_return JoinOutcome::kAlreadyMember;
    IZPO_CO_CHECK(co_await tell_others(session, node_, room, user));
    co_return JoinOutcome::kJoined;
  });
  if (!added && added.error().reason == kForeignKeyViolation) co_return fail(reason::kUserNotFound);
  co_return added;
}

Task<Result<void>> MemberStore::leave(RoomId room, UserId user) {
  co_return co_await database_.write([=, this](Session& session) -> Task<Result<void>> {
    IZPO_CO_TRY(const UserId owner, co_await lock_room(session, room));
    if (owner == user) co_return fail(reason::kOwnerCannotLeave);
    IZPO_CO_TRY(const Rows rows, co_await session.query(kDelete, {room, user}));
    if (rows.empty()) co_return fail(reason::kNotMember);
    co_return co_await tell_others(session, node_, room, user);
  });
}

Task<Result<void>> MemberStore::remove(RoomId room, UserId user, Timestamp now) {
  auto removed = co_await database_.write([=, this](Session& session) -> Task<Result<void>> {
    IZPO_CO_TRY(const UserId owner, co_await lock_room(session, room));
    if (owner == user) co_return fail(reason::kOwnerCannotBeRemoved);
    IZPO_CO_CHECK(co_await session.query(kRemove, {room, user, now}));
    co_return co_await tell_others(session, node_, room, user);
  });
  if (!removed && removed.error().reason == kForeignKeyViolation) co_return fail(reason::kUserNotFound);
  co_return removed;
}

Task<Result<std::vector<User>>> MemberStore::list(RoomId room, Page page) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<std::vector<User>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kList.statement(page), page_params(page, room)));
    co_return read_all(rows, read_user);
  });
}

Task<Result<std::vector<UserId>>> MemberStore::ids(RoomId room) {
  co_return co_await database_.read([room](Session& session) -> Task<Result<std::vector<UserId>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kIds, {room}));
    co_return read_all(rows, [](Row& row) { return row.id<UserId>(); });
  });
}

Task<Result<std::vector<MemberPreview>>> MemberStore::preview(std::vector<RoomId> rooms,
                                                              std::optional<UserId> viewer,
                                                              std::int64_t at_most) {
  std::vector<std::int64_t> ids;
  for (const RoomId room : rooms) ids.push_back(room.value);
  co_return co_await database_.read([&](Session& session) -> Task<Result<std::vector<MemberPreview>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kPreview, {Ids(ids), at_most, viewer}));
    std::unordered_map<RoomId, MemberPreview> previews;
    std::unordered_map<RoomId, std::vector<User>> insisted;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Row row = rows.row(i);
      const auto room = row.id<RoomId>();
      MemberPreview& preview = previews[room];
      preview.count = row.integer();
      auto& among = row.flag() ? insisted[room] : preview.members;
      if (among.empty()) among.reserve(static_cast<std::size_t>(std::min(preview.count, at_most)));
      among.push_back(read_user(row));
    }
    for (auto& [room, preview] : previews) {
      auto& members = preview.members;
      std::ranges::sort(members, {}, &User::id);
      const auto& must = insisted[room];
      std::vector<UserId> keep;
      for (const User& user : must) keep.push_back(user.id);
      for (const User& user : must) show(members, user, keep, static_cast<std::size_t>(at_most));
      preview.viewer_is_member = viewer && std::ranges::binary_search(members, *viewer, {}, &User::id);
    }

    std::vector<MemberPreview> result;
    result.reserve(rooms.size());
    for (const RoomId room : rooms) result.push_back(std::move(previews[room]));
    co_return result;
  });
}

}  // namespace izpo::sql
