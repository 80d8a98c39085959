#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
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

std::string welcome(const Welcome& fields, Timestamp now);
std::string message(const Message& message, const UserCard& sender, const std::optional<File>& file);
std::string ack(std::string_view client_id, MessageId id, Seq seq, Timestamp now);
std::string users_online(RoomId room, const OnlineList& online, Timestamp now);
std::string user_joined(RoomId room, const UserCard& user, Timestamp now);
std::string user_left(RoomId room, const UserCard& user, Timestamp now);
std::string typing(RoomId room, const UserCard& user, bool is_typing, Timestamp now);
std::string pong(UserId user, Timestamp now);

// `client_id` names the refused message, where the client gave one.
std::string error(std::string_view sentence, std::string_view code,
                  const std::optional<std::string>& client_id, Timestamp now);

}  // namespace izpo::realtime::events
