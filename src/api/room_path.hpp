#pragma once

#include "api/schema.hpp"
#include "domain/ids.hpp"

namespace izpo::api {

// The "{id}" of the operations on a room.
struct RoomPath {
  RoomId id;
};
BOOST_DESCRIBE_STRUCT(RoomPath, (), (id))

}  // namespace izpo::api
