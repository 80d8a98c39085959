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
  Seq seq;  // of a message; 0 for what is not part of the history (presence, typing)
  SharedEvent frame;
  UserId except;                                   // whose sockets do not get it; 0: everybody's do
  std::shared_ptr<LinkedFrames> linked = nullptr;  // set: the socket's own frame stands there, not in `frame`

  Urgency urgency() const { return seq.value == 0 ? Urgency::kEphemeral : Urgency::kKept; }
};

// The events of one committed batch, those of a room together and in their order, shared by all loops.
using Delivery = std::shared_ptr<const std::vector<RoomEvent>>;

}  // namespace izpo::realtime
