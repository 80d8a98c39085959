#pragma once

#include "adapters/sql/database.hpp"
#include "domain/room.hpp"

namespace izpo::sql {

// What the room and member stores both ask.

// The owner of the room, which from now on is this transaction's alone where there are row locks. Fails with
// kRoomNotFound.
Task<Result<UserId>> lock_room(Session& session, RoomId room);

Task<Result<Standing>> standing_of(Session& session, RoomId room, UserId user);

// The same among other queries.
Query ask_standing(RoomId room, UserId user);
Standing read_standing(const Rows& rows);

}  // namespace izpo::sql
