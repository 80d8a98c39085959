#pragma once

#include <memory>
#include <vector>

#include "domain/ids.hpp"
#include "realtime/frame.hpp"
#include "realtime/linked_frames.hpp"
#include "realtime/socket.hpp"

namespace izpo::realtime {

// An event on its way to the sockets of one room.
struct RoomEvent {
  RoomId room;
  Seq seq;      // the number that it took; 0 for what is not part of the history (presence, typing)
  Seq follows;  // the number before it in the room: who lacks that one is not sent this one
  SharedEvent frame;
  UserId except;                                   // whose sockets do not get it; 0: everybody's do
  std::shared_ptr<LinkedFrames> linked = nullptr;  // set: the socket's own frame stands there, not in `frame`

  Urgency urgency() const { return seq.value == 0 ? Urgency::kEphemeral : Urgency::kKept; }
};

// Some events, those of a room together and in their order, shared by all loops.
using Delivery = std::shared_ptr<const std::vector<RoomEvent>>;

}  // namespace izpo::realtime
