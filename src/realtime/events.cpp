#include "realtime/events.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "ports/file_links.hpp"
#include "wire/json.hpp"

namespace izpo::realtime::events {
namespace {

// Writes one object straight as text: a tree in between would cost more than all the rest of an event. Names
// are our own words, in which nothing has to be escaped.
class Object {
 public:
  Object() { text_.reserve(kUsual); }

  void set(std::string_view name, const auto& value) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_ += name;
    text_ += "\":";
    append(value);
  }

  std::string text() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kUsual = 320;  // bytes of an event

  void append(std::string_view value) { wire::append_json(text_, value); }
  void append(const std::string& value) { append(std::string_view(value)); }
  void append(const char* value) { append(std::string_view(value)); }
  void append(bool value) { text_ += value ? "true" : "false"; }
  void append(std::integral auto value) { wire::append_json(text_, static_cast<std::int64_t>(value)); }
  void append(Timestamp value) { wire::append_json(text_, value); }
  void append(const Object& value) {
    text_ += value.text_;
    text_ += '}';
  }

  template <class T>
  void append(const std::optional<T>& value) {
    if (value) return append(*value);
    text_ += "null";
  }

  template <class Tag>
  void append(StrongId<Tag> id) {
    append(id.value);
  }

  void append(const std::vector<UserId>& ids) {
    text_ += '[';
    for (const UserId id : ids) {
      if (text_.back() != '[') text_ += ',';
      append(id);
    }
    text_ += ']';
  }

  std::string text_;
};

class Event : public Object {
 public:
  Event(std::string_view type, Timestamp timestamp) {
    set("type", type);
    set("timestamp", timestamp);
  }
};

std::string presence(std::string_view type, RoomId room, const UserCard& user, Timestamp now) {
  Event event(type, now);
  event.set("room_id", room);
  event.set("user_id", user.id);
  event.set("username", user.username);
  return std::move(event).text();
}

// As REST shows somebody to others.
Object shown(const User& user) {
  Object object;
  object.set("id", user.id);
  object.set("username", user.username);
  object.set("email", std::optional<std::string>());
  object.set("full_name", user.full_name);
  object.set("is_active", user.is_active);
  object.set("created_at", user.created_at);
  object.set("updated_at", user.updated_at);
  return object;
}

// As REST shows a room beside its messages.
Object shown(const OwnedRoom& owned) {
  const auto& [room, owner] = owned;
  Object object;
  object.set("id", room.id);
  object.set("name", room.name);
  object.set("description", room.description);
  object.set("is_private", room.is_private);
  object.set("owner_id", room.owner);
  object.set("created_at", room.created_at);
  object.set("updated_at", room.updated_at);
  object.set("owner", shown(owner));
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

void set_message(Event& event, const Message& message, const UserCard& sender,
                 const std::optional<File>& file) {
  event.set("id", message.id);
  event.set("seq", message.seq);
  if (message.client_id) event.set("client_id", *message.client_id);
  event.set("content", message.content);
  event.set("room_id", message.room);
  Object from;
  from.set("id", sender.id);
  from.set("username", sender.username);
  from.set("full_name", sender.full_name);
  event.set("sender", from);
  event.set("file_id", message.file);
  if (message.file && !file) {
    event.set("file", std::optional<std::string>());
    event.set("file_deleted", true);
  }
  if (file) {
    Object shown;
    shown.set("id", file->id);
    shown.set("original_filename", file->original_filename);
    shown.set("public_url", file->public_url);
    shown.set("content_type", file->content_type);
    shown.set("file_size", file->size);
    if (file->image_size) {
      shown.set("width", file->image_size->width);
      shown.set("height", file->image_size->height);
    }
    if (file->has_thumbnails) {
      shown.set("thumbnail_url", thumbnail_link(file->public_url, kThumbnailSide));
      shown.set("preview_url", thumbnail_link(file->public_url, kPreviewSide));
    }
    event.set("file", shown);
  }
}

}  // namespace

std::string welcome(const Welcome& fields, Timestamp now) {
  Event event("welcome", now);
  event.set("message", fields.message);
  event.set("room_id", fields.room);
  event.set("user_id", fields.user);
  event.set("epoch", fields.epoch);
  event.set("last_seq", fields.last_seq);
  event.set("reset", fields.reset);
  return std::move(event).text();
}

std::string hello(const Hello& fields, Timestamp now) {
  Event event("hello", now);
  event.set("connection_id", fields.connection_id);
  event.set("user_id", fields.user);
  event.set("epoch", fields.epoch);
  event.set("heartbeat_seconds", fields.heartbeat_seconds);
  event.set("server_time", now);
  return std::move(event).text();
}

std::string subscribed(const Subscribed& fields, Timestamp now) {
  Event event("subscribed", now);
  event.set("room_id", fields.room);
  event.set("status", name_of(fields.status));
  if (fields.status == Subscribed::Status::kForbidden) return std::move(event).text();
  event.set("up_to", fields.up_to);
  if (fields.status == Subscribed::Status::kComplete) return std::move(event).text();
  event.set("from_seq", fields.from_seq);
  event.set("reset", fields.reset);
  return std::move(event).text();
}

std::string message(const Message& message, const UserCard& sender, const std::optional<File>& file) {
  Event event("message", message.created_at);
  set_message(event, message, sender, file);
  return std::move(event).text();
}

std::string message_updated(const Message& message, const UserCard& sender, const std::optional<File>& file,
                            Timestamp now) {
  Event event("message_updated", now);
  event.set("change_seq", message.change_seq);
  event.set("created_at", message.created_at);
  set_message(event, message, sender, file);
  return std::move(event).text();
}

std::string ack(RoomId room, std::string_view client_id, MessageId id, Seq seq, Timestamp now) {
  Event event("ack", now);
  event.set("room_id", room);
  event.set("client_id", client_id);
  event.set("id", id);
  event.set("seq", seq);
  return std::move(event).text();
}

std::string users_online(RoomId room, const OnlineList& online, Timestamp now) {
  Event event("users_online", now);
  event.set("room_id", room);
  event.set("users", online.shown);
  event.set("count", online.count);
  if (online.count > online.shown.size()) event.set("truncated", true);
  return std::move(event).text();
}

std::string user_joined(RoomId room, const UserCard& user, Timestamp now) {
  return presence("user_joined", room, user, now);
}
std::string user_left(RoomId room, const UserCard& user, Timestamp now) {
  return presence("user_left", room, user, now);
}

std::string typing(RoomId room, const UserCard& user, bool is_typing, Timestamp now) {
  Event event("typing", now);
  event.set("room_id", room);
  event.set("user_id", user.id);
  event.set("username", user.username);
  event.set("typing", is_typing);
  return std::move(event).text();
}

std::string pong(UserId user, Timestamp now) {
  Event event("pong", now);
  event.set("user_id", user);
  return std::move(event).text();
}

std::string reconnect(std::chrono::milliseconds delay, Timestamp now) {
  Event event("reconnect", now);
  event.set("delay_ms", delay.count());
  return std::move(event).text();
}

std::string error(const Refusal& refusal, Timestamp now) {
  Event event("error", now);
  event.set("message", refusal.sentence);
  event.set("code", refusal.code);
  if (refusal.room) event.set("room_id", *refusal.room);
  if (refusal.client_id) event.set("client_id", *refusal.client_id);
  if (refusal.retry_after.count() > 0) event.set("retry_after_ms", refusal.retry_after.count());
  return std::move(event).text();
}

std::string membership_added(RoomId room, const std::optional<OwnedRoom>& added, Timestamp now) {
  Event event("membership", now);
  event.set("room_id", room);
  event.set("action", "added");
  if (added) event.set("room", shown(*added));
  return std::move(event).text();
}

std::string membership_removed(RoomId room, Timestamp now) {
  Event event("membership", now);
  event.set("room_id", room);
  event.set("action", "removed");
  return std::move(event).text();
}

std::string member_added(RoomId room, const User& member, Timestamp now) {
  Event event("member_added", now);
  event.set("room_id", room);
  event.set("user", shown(member));
  return std::move(event).text();
}

std::string member_removed(RoomId room, UserId member, Timestamp now) {
  Event event("member_removed", now);
  event.set("room_id", room);
  event.set("user_id", member);
  return std::move(event).text();
}

std::string room_updated(const OwnedRoom& room, Timestamp now) {
  Event event("room_updated", now);
  event.set("room", shown(room));
  return std::move(event).text();
}

std::string room_deleted(RoomId room, Timestamp now) {
  Event event("room_deleted", now);
  event.set("room_id", room);
  return std::move(event).text();
}

}  // namespace izpo::realtime::events
