#include "realtime/events.hpp"

#include <array>
#include <boost/json.hpp>
#include <utility>

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
  json::object object() const { return json::object(&memory_); }
  json::array array() const { return json::array(&memory_); }

  std::string text() const { return json::serialize(fields_); }

 private:
  std::array<unsigned char, 2048> buffer_;
  mutable json::monotonic_resource memory_{buffer_.data(), buffer_.size()};
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

json::value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::value(iso8601(*time)) : json::value(nullptr);
}

// As REST shows somebody to others.
json::object shown(const User& user, const Event& event) {
  auto object = event.object();
  object.emplace("id", user.id.value);
  object.emplace("username", user.username);
  object.emplace("email", nullptr);
  object.emplace("full_name", text_or_null(user.full_name));
  object.emplace("is_active", user.is_active);
  object.emplace("created_at", iso8601(user.created_at));
  object.emplace("updated_at", time_or_null(user.updated_at));
  return object;
}

// As REST shows a room beside its messages.
json::object shown(const OwnedRoom& owned, const Event& event) {
  const auto& [room, owner] = owned;
  auto object = event.object();
  object.emplace("id", room.id.value);
  object.emplace("name", room.name);
  object.emplace("description", text_or_null(room.description));
  object.emplace("is_private", room.is_private);
  object.emplace("owner_id", room.owner.value);
  object.emplace("created_at", iso8601(room.created_at));
  object.emplace("updated_at", time_or_null(room.updated_at));
  object.emplace("owner", shown(owner, event));
  return object;
}

std::string_view name_of(Subscribed::Status status) {
  switch (status) {
    case Subscribed::Status::kComplete: return "complete";
    case Subscribed::Status::kTruncated: return "truncated";
    case Subscribed::Status::kForbidden: return "forbidden";
  }
  std::unreachable();
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

std::string hello(const Hello& fields, Timestamp now) {
  Event event("hello", now);
  event.set("connection_id", fields.connection_id);
  event.set("user_id", fields.user.value);
  event.set("epoch", fields.epoch);
  event.set("heartbeat_seconds", fields.heartbeat_seconds);
  event.set("server_time", iso8601(now));
  return event.text();
}

std::string subscribed(const Subscribed& fields, Timestamp now) {
  Event event("subscribed", now);
  event.set("room_id", fields.room.value);
  event.set("status", name_of(fields.status));
  if (fields.status == Subscribed::Status::kForbidden) return event.text();
  event.set("up_to", fields.up_to.value);
  if (fields.status == Subscribed::Status::kComplete) return event.text();
  event.set("from_seq", fields.from_seq.value);
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
    if (file->image_size) {
      shown.emplace("width", file->image_size->width);
      shown.emplace("height", file->image_size->height);
    }
    event.set("file", shown);
  }
  return event.text();
}

std::string ack(RoomId room, std::string_view client_id, MessageId id, Seq seq, Timestamp now) {
  Event event("ack", now);
  event.set("room_id", room.value);
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

std::string reconnect(std::chrono::milliseconds delay, Timestamp now) {
  Event event("reconnect", now);
  event.set("delay_ms", delay.count());
  return event.text();
}

std::string error(const Refusal& refusal, Timestamp now) {
  Event event("error", now);
  event.set("message", refusal.sentence);
  event.set("code", refusal.code);
  if (refusal.room) event.set("room_id", refusal.room->value);
  if (refusal.client_id) event.set("client_id", *refusal.client_id);
  if (refusal.retry_after.count() > 0) event.set("retry_after_ms", refusal.retry_after.count());
  return event.text();
}

std::string membership_added(RoomId room, const std::optional<OwnedRoom>& added, Timestamp now) {
  Event event("membership", now);
  event.set("room_id", room.value);
  event.set("action", "added");
  if (added) event.set("room", shown(*added, event));
  return event.text();
}

std::string membership_removed(RoomId room, Timestamp now) {
  Event event("membership", now);
  event.set("room_id", room.value);
  event.set("action", "removed");
  return event.text();
}

std::string member_added(RoomId room, const User& member, Timestamp now) {
  Event event("member_added", now);
  event.set("room_id", room.value);
  event.set("user", shown(member, event));
  return event.text();
}

std::string member_removed(RoomId room, UserId member, Timestamp now) {
  Event event("member_removed", now);
  event.set("room_id", room.value);
  event.set("user_id", member.value);
  return event.text();
}

std::string room_updated(const OwnedRoom& room, Timestamp now) {
  Event event("room_updated", now);
  event.set("room", shown(room, event));
  return event.text();
}

std::string room_deleted(RoomId room, Timestamp now) {
  Event event("room_deleted", now);
  event.set("room_id", room.value);
  return event.text();
}

}  // namespace izpo::realtime::events
