#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
#include "ports/live_rooms.hpp"
#include "ports/message_store.hpp"
#include "realtime/online_list.hpp"

// The events a client receives, as JSON text (docs/protocol.md describes each). Every one carries
// `timestamp`.
namespace izpo::realtime::events {

struct Welcome {
  std::string_view message;
  RoomId room;
  UserId user;
  std::string_view epoch;
  Seq last_seq;
  bool reset = false;
};

struct Hello {
  std::string_view connection_id;
  UserId user;
  std::string_view epoch;
  std::int64_t heartbeat_seconds = 0;
};

// The answer to one room of a `subscribe`.
struct Subscribed {
  enum class Status : std::uint8_t { kComplete, kTruncated, kForbidden };

  RoomId room;
  Status status = Status::kForbidden;
  Seq up_to = {};      // but for kForbidden
  Seq from_seq = {};   // kTruncated: the first number that the client lacks
  bool reset = false;  // kTruncated: the client's numbers mean nothing here
};

struct Refusal {
  std::string_view sentence;
  std::string_view code;
  std::optional<std::string> client_id = {};  // of the refused message, where the client gave one
  std::optional<RoomId> room = {};
  std::chrono::milliseconds retry_after{};  // 0: unknown
};

std::string welcome(const Welcome& fields, Timestamp now);
// `file` has its absolute link as public_url.
std::string message(const Message& message, const UserCard& sender, const std::optional<File>& file);
// A message that its readers have, as it is now.
std::string message_updated(const Message& message, const UserCard& sender, const std::optional<File>& file,
                            Timestamp now);
std::string hello(const Hello& fields, Timestamp now);
std::string subscribed(const Subscribed& fields, Timestamp now);
std::string ack(RoomId room, std::string_view client_id, MessageId id, Seq seq, Timestamp now);
std::string users_online(RoomId room, const OnlineList& online, Timestamp now);
std::string user_joined(RoomId room, const UserCard& user, Timestamp now);
std::string user_left(RoomId room, const UserCard& user, Timestamp now);
std::string typing(RoomId room, const UserCard& user, bool is_typing, Timestamp now);
std::string pong(UserId user, Timestamp now);
std::string reconnect(std::chrono::milliseconds delay, Timestamp now);
std::string error(const Refusal& refusal, Timestamp now);

// What happens to rooms and who is in them. People are shown without their e-mail.
std::string membership_added(RoomId room, const std::optional<OwnedRoom>& shown, Timestamp now);
std::string membership_removed(RoomId room, Timestamp now);
std::string member_added(RoomId room, const User& member, Timestamp now);
std::string member_removed(RoomId room, UserId member, Timestamp now);
std::string room_updated(const OwnedRoom& room, Timestamp now);
std::string room_deleted(RoomId room, Timestamp now);

}  // namespace izpo::realtime::events
