#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace izpo {

struct Room {
  RoomId id;
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;
  UserId owner;
  Seq last_seq;  // of the room's latest change; as of the read
  Timestamp created_at;
  std::optional<Timestamp> updated_at;
};

// How somebody stands to a room.
enum class Standing : std::uint8_t {
  kStranger,  // neither member nor removed
  kMember,    // the owner is one too
  kRemoved,   // removed by the owner: comes back only by being added
};

}  // namespace izpo
