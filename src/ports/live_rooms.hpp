#pragma once

#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "domain/room.hpp"
#include "domain/user.hpp"

namespace izpo {

// A room as the connected are told of it.
struct OwnedRoom {
  Room room;
  User owner;
};

// The connected side of rooms, as the use cases need it. Thread-safe; each call takes effect on every socket
// of this node within moments, in the order of the calls. It is made after the store has committed what it
// tells. realtime/hub is the one implementation.
class LiveRooms {
 public:
  virtual ~LiveRooms() = default;

  // `shown` is what the new member learns of the room; nullopt when it could not be read.
  virtual void member_added(RoomId room, const std::optional<OwnedRoom>& shown, const User& member) = 0;

  virtual void close_member(RoomId room, UserId user) = 0;  // removed by the owner, or left: 4403

  // `members` is everybody whom the room belongs to. Who follows a room that has become private and is not
  // among them sees no more of it.
  virtual void room_changed(const OwnedRoom& room, const std::vector<UserId>& members) = 0;

  // The room is gone: 4404. `members` are those it had.
  virtual void close_room(RoomId room, const std::vector<UserId>& members) = 0;

  virtual void close_session(SessionId session) = 0;  // the login ended: 4401

  // Somebody here is in the room, or the user is connected here: a change between them is worth telling.
  // False only for sockets that will yet look at the store.
  virtual bool concerned(RoomId room, std::optional<UserId> user) = 0;

  virtual std::vector<UserCard> online(RoomId room) = 0;  // by id
};

}  // namespace izpo
