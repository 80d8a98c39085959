#include "api/chat_events.hpp"

#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <utility>

#include "domain/reasons.hpp"

namespace izpo::api {
namespace json = boost::json;
namespace {

// The member of that name; nullptr when it is missing or null, which mean the same.
const json::value* member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_null() ? nullptr : value;
}

Result<ClientEvent> decode_message(const json::object& object, const std::optional<std::string>& client_id) {
  services::MessageDraft draft{.content = {}, .file = std::nullopt, .client_id = client_id};
  if (const auto* content = member(object, "content")) {
    if (!content->is_string()) return fail(reason::kInvalidText);
    draft.content = content->get_string();
  }
  if (const auto* file = member(object, "file_id")) {
    if (!file->is_int64()) return fail(reason::kFileNotFound);
    draft.file = FileId(file->get_int64());
  }
  if (member(object, "client_id") != nullptr && !client_id) return fail(reason::kInvalidClientId);
  return draft;
}

// A number that is not negative: any other is one that no room has reached.
std::optional<Seq> decode_seq(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  return Seq(value->is_int64() && value->get_int64() >= 0 ? value->get_int64() : INT64_MAX);
}

Result<RoomId> decode_room(const json::value* value) {
  if (value == nullptr || !value->is_int64()) return fail(reason::kInvalidRoomId);
  return RoomId(value->get_int64());
}

Result<RoomPosition> decode_position(const json::value& value) {
  if (!value.is_object()) return fail(reason::kValidation);
  const auto& object = value.get_object();
  IZPO_TRY(const auto room, decode_room(member(object, "room_id")));
  RoomPosition position{
      .room = room, .after_seq = decode_seq(member(object, "after_seq")), .epoch = std::nullopt};
  if (const auto* epoch = member(object, "epoch")) {
    position.epoch = epoch->is_string() ? std::string(epoch->get_string()) : std::string();
  }
  return position;
}

Result<ClientEvent> decode_subscribe(const json::object& object) {
  const auto* rooms = member(object, "rooms");
  if (rooms == nullptr || !rooms->is_array()) return fail(reason::kValidation);
  Subscribe event;
  event.rooms.reserve(rooms->get_array().size());
  for (const auto& each : rooms->get_array()) {
    IZPO_TRY(auto position, decode_position(each));
    event.rooms.push_back(std::move(position));
  }
  return event;
}

Result<ClientEvent> decode_unsubscribe(const json::object& object) {
  const auto* rooms = member(object, "room_ids");
  if (rooms == nullptr || !rooms->is_array()) return fail(reason::kValidation);
  Unsubscribe event;
  event.rooms.reserve(rooms->get_array().size());
  for (const auto& each : rooms->get_array()) {
    IZPO_TRY(const auto room, decode_room(&each));
    event.rooms.push_back(room);
  }
  return event;
}

Result<ClientEvent> decode_object(const json::object& object, const std::optional<std::string>& client_id) {
  std::string_view type = "message";
  if (const auto* named = member(object, "type")) {
    if (!named->is_string()) return fail(reason::kUnknownEvent);
    type = named->get_string();
  }
  if (type == "message") return decode_message(object, client_id);
  if (type == "ping") return Ping{};
  if (type == "typing") {
    const auto* typing = member(object, "typing");
    return TypingNotice{typing == nullptr || !typing->is_bool() || typing->get_bool()};
  }
  if (type == "subscribe") return decode_subscribe(object);
  if (type == "unsubscribe") return decode_unsubscribe(object);
  return fail(reason::kUnknownEvent);
}

}  // namespace

DecodedEvent decode_client_event(std::string_view text) {
  std::array<unsigned char, 4096>
      buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): scratch for the parser
  json::monotonic_resource memory(buffer.data(), buffer.size());
  boost::system::error_code error;
  const auto value = json::parse(text, error, &memory);
  if (error || !value.is_object()) return {fail(reason::kInvalidJson), std::nullopt, std::nullopt};

  const auto& object = value.get_object();
  std::optional<std::string> client_id;
  if (const auto* named = member(object, "client_id"); named != nullptr && named->is_string()) {
    client_id = std::string(named->get_string());
  }
  std::optional<RoomId> room;
  if (const auto named = decode_room(object.if_contains("room_id"))) room = *named;
  auto event = decode_object(object, client_id);
  return {std::move(event), std::move(client_id), room};
}

}  // namespace izpo::api
