#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
#include "ports/message_store.hpp"

// The events a client receives, as JSON text. Their fields are described in docs/protocol.md; `timestamp` is
// on each.
namespace izpo::realtime::events {

struct Welcome {
  std::string message;
  RoomId room;
  UserId user;
  std::string epoch;
  Seq last_seq;
  bool reset = false;
};

std::string welcome(const Welcome& fields, Timestamp now);
std::string message(const Message& message, const UserCard& sender, const std::optional<File>& file);
std::string ack(std::string_view client_id, MessageId id, Seq seq, Timestamp now);
std::string users_online(const std::vector<UserId>& users, std::size_t count,
                         Timestamp now);  // cut above kOnlineShown
std::string user_joined(const UserCard& user, Timestamp now);
std::string user_left(const UserCard& user, Timestamp now);
std::string typing(const UserCard& user, bool is_typing, Timestamp now);
std::string pong(UserId user, Timestamp now);
std::string error(std::string_view message, std::string_view code, Timestamp now);

inline constexpr std::size_t kOnlineShown = 500;

}  // namespace izpo::realtime::events
