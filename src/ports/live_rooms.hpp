#pragma once

#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "domain/user.hpp"

namespace izpo {

// The connected side of rooms, as the use cases need it. Thread-safe; each call takes effect on every socket
// of this node within moments. realtime/hub is the one implementation.
class LiveRooms {
 public:
  virtual ~LiveRooms() = default;

  virtual void close_member(RoomId room, UserId user) = 0;  // removed by the owner, or left: 4403
  virtual void close_room(RoomId room) = 0;                 // the room is gone: 4404
  virtual void close_session(SessionId session) = 0;        // the login ended: 4401
  virtual std::vector<UserCard> online(RoomId room) = 0;    // by id
};

}  // namespace izpo
