#pragma once

#include "base/strong_id.hpp"

namespace izpo {

using UserId = StrongId<struct UserIdTag>;
using RoomId = StrongId<struct RoomIdTag>;
using MessageId = StrongId<struct MessageIdTag>;
using FileId = StrongId<struct FileIdTag>;
using SessionId = StrongId<struct SessionIdTag>;  // one login, with all the tokens that descend from it

// A room's change number: 1, 2, 3 … without gaps, each room its own. 0 is "before the first".
using Seq = StrongId<struct SeqTag>;

}  // namespace izpo
