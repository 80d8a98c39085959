#include "realtime/events.hpp"

#include <array>
#include <boost/json.hpp>

namespace izpo::realtime::events {
namespace json = boost::json;
namespace {

// Builds one event in a buffer on the stack; only the finished text is allocated.
class Event {
 public:
  Event(std::string_view type, Timestamp timestamp) : fields_(&memory_) {
    fields_.reserve(12);
    set("type", type);
    set("timestamp", iso8601(timestamp));
  }

  template <class T>
  void set(std::string_view name, const T& value) {
    fields_.emplace(name, value);
  }

  // A value that shares the event's buffer.
  json::object object() { return json::object(&memory_); }
  json::array array() { return json::array(&memory_); }

  std::string text() const { return json::serialize(fields_); }

 private:
  std::array<unsigned char, 2048> buffer_;
  json::monotonic_resource memory_{buffer_.data(), buffer_.size()};
  json::object fields_;
};

std::string presence(std::string_view type, RoomId room, const UserCard& user, Timestamp now) {
  Event event(type, now);
  event.set("room_id", room.value);
  event.set("user_id", user.id.value);
  event.set("username", user.username);
  return event.text();
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

}  // namespace

std::string welcome(const Welcome& fields, Timestamp now) {
  Event event("welcome", now);
  event.set("message", fields.message);
  event.set("room_id", fields.room.value);
  event.set("user_id", fields.user.value);
  event.set("epoch", fields.epoch);
  event.set("last_seq", fields.last_seq.value);
  event.set("reset", fields.reset);
  return event.text();
}

std::string message(const Message& message, const UserCard& sender, const std::optional<File>& file) {
  Event event("message", message.created_at);
  event.set("id", message.id.value);
  event.set("seq", message.seq.value);
  if (message.client_id) event.set("client_id", *message.client_id);
  event.set("content", message.content);
  event.set("room_id", message.room.value);
  auto from = event.object();
  from.emplace("id", sender.id.value);
  from.emplace("username", sender.username);
  from.emplace("full_name", text_or_null(sender.full_name));
  event.set("sender", from);
  event.set("file_id", message.file ? json::value(message.file->value) : json::value(nullptr));
  if (file) {
    auto shown = event.object();
    shown.emplace("id", file->id.value);
    shown.emplace("original_filename", file->original_filename);
    shown.emplace("public_url", file->public_url);
    shown.emplace("content_type", file->content_type);
    shown.emplace("file_size", file->size);
    event.set("file", shown);
  }
  return event.text();
}

std::string ack(std::string_view client_id, MessageId id, Seq seq, Timestamp now) {
  Event event("ack", now);
  event.set("client_id", client_id);
  event.set("id", id.value);
  event.set("seq", seq.value);
  return event.text();
}

std::string users_online(RoomId room, const OnlineList& online, Timestamp now) {
  Event event("users_online", now);
  event.set("room_id", room.value);
  auto users = event.array();
  users.reserve(online.shown.size());
  for (const UserId user : online.shown) users.emplace_back(user.value);
  event.set("users", users);
  event.set("count", online.count);
  if (online.count > online.shown.size()) event.set("truncated", true);
  return event.text();
}

std::string user_joined(RoomId room, const UserCard& user, Timestamp now) {
  return presence("user_joined", room, user, now);
}
std::string user_left(RoomId room, const UserCard& user, Timestamp now) {
  return presence("user_left", room, user, now);
}

std::string typing(RoomId room, const UserCard& user, bool is_typing, Timestamp now) {
  Event event("typing", now);
  event.set("room_id", room.value);
  event.set("user_id", user.id.value);
  event.set("username", user.username);
  event.set("typing", is_typing);
  return event.text();
}

std::string pong(UserId user, Timestamp now) {
  Event event("pong", now);
  event.set("user_id", user.value);
  return event.text();
}

std::string error(std::string_view sentence, std::string_view code,
                  const std::optional<std::string>& client_id, Timestamp now) {
  Event event("error", now);
  event.set("message", sentence);
  event.set("code", code);
  if (client_id) event.set("client_id", *client_id);
  return event.text();
}

}  // namespace izpo::realtime::events
