#pragma once

#include <optional>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/clock.hpp"
#include "ports/member_store.hpp"
#include "ports/room_store.hpp"

namespace izpo::services {

// The gates through which every room is reached. Nothing else decides who may see or do what in a room.
class Access {
 public:
  Access(RoomStore& rooms, MemberStore& members, const Clock& clock)
      : rooms_(rooms), members_(members), clock_(clock) {}

  // May `viewer` read the room (its data, members, history, who is online)? A private room is kRoomNotFound
  // to all but its members, as one that does not exist; an id below 1 is kInvalidRoomId.
  Task<Result<RoomStanding>> to_read(std::optional<UserId> viewer, RoomId room);

  // May `user` post in it or open its socket? Makes a member of somebody who is not one yet, as join does.
  // Fails as to_read, and with kRemovedFromRoom.
  Task<Result<Room>> to_take_part(UserId user, RoomId room);

  // Is `user` its owner? Fails as to_read, and with kNotOwner.
  Task<Result<Room>> to_own(UserId user, RoomId room);

 private:
  RoomStore& rooms_;
  MemberStore& members_;
  const Clock& clock_;
};

}  // namespace izpo::services
