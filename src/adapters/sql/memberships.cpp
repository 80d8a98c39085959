#include "adapters/sql/memberships.hpp"

#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

// Not `SET id = id`: a key that others refer to would be looked for in all of them.
constexpr Statement kLockRoom(
    "UPDATE rooms SET is_private = is_private WHERE id = $1 AND NOT is_removed RETURNING owner_id");
constexpr Statement kStanding("SELECT removed_at FROM user_rooms WHERE room_id = $1 AND user_id = $2");

}  // namespace

Task<Result<UserId>> lock_room(Session& session, RoomId room) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(kLockRoom, {room}));
  if (rows.empty()) co_return fail(reason::kRoomNotFound);
  co_return rows.row(0).id<UserId>();
}

Task<Result<Standing>> standing_of(Session& session, RoomId room, UserId user) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(kStanding, {room, user}));
  co_return read_standing(rows);
}

Query ask_standing(RoomId room, UserId user) {
  return {kStanding, {room, user}};
}

Standing read_standing(const Rows& rows) {
  if (rows.empty()) return Standing::kStranger;
  return rows.row(0).next_is_null() ? Standing::kMember : Standing::kRemoved;
}

}  // namespace izpo::sql
