#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "services/messages.hpp"

// What a client may say on a chat socket (docs/protocol.md).
namespace izpo::api {

struct TypingNotice {
  bool typing = false;
};

struct Ping {};

using ClientEvent = std::variant<services::MessageDraft, TypingNotice, Ping>;

// One text message as an event; a missing `type` means "message". `client_id` names the message that a
// refusal is about, when it could be read. Fails with kInvalidJson, kUnknownEvent, kInvalidText (content is
// no string), kInvalidClientId, kFileNotFound (file_id is no id).
struct DecodedEvent {
  Result<ClientEvent> event;
  std::optional<std::string> client_id;
};
DecodedEvent decode_client_event(std::string_view text);

}  // namespace izpo::api
