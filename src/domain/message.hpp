#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace izpo {

struct Message {
  MessageId id;
  RoomId room;
  UserId sender;
  Seq seq;  // the number it was made with; never changes
  std::string content;
  std::optional<std::string>
      client_id;  // the sender's own name for it; the same one again is the same message
  std::optional<FileId> file;
  Timestamp created_at;
  Seq change_seq = {};  // the number of its latest change; of a message that never changed, `seq`
};

}  // namespace izpo
