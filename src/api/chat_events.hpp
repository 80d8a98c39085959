#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "services/messages.hpp"

// What a client may say on a chat socket (docs/protocol.md).
namespace izpo::api {

struct TypingNotice {
  bool typing = false;
};

struct Ping {};

// Where a client stands in a room.
struct RoomPosition {
  RoomId room;
  std::optional<Seq> after_seq;      // replay what came after it
  std::optional<std::string> epoch;  // of the lineage that after_seq belongs to
};

struct Subscribe {
  std::vector<RoomPosition> rooms;
};

struct Unsubscribe {
  std::vector<RoomId> rooms;
};

using ClientEvent = std::variant<services::MessageDraft, TypingNotice, Ping, Subscribe, Unsubscribe>;

// One text message as an event; a missing `type` means "message". `client_id` and `room` name the message
// that the event, or its refusal, is about, when they could be read. Fails with kInvalidJson, kUnknownEvent,
// kInvalidText (content is no string), kInvalidClientId, kFileNotFound (file_id is no id), and for the lists
// of rooms kValidation, kInvalidRoomId.
struct DecodedEvent {
  Result<ClientEvent> event;
  std::optional<std::string> client_id;
  std::optional<RoomId> room;
};
DecodedEvent decode_client_event(std::string_view text);

}  // namespace izpo::api
