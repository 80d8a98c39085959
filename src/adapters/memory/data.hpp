#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "domain/file.hpp"
#include "domain/message.hpp"
#include "domain/room.hpp"
#include "domain/user.hpp"
#include "ports/page.hpp"
#include "ports/session_store.hpp"
#include "ports/user_store.hpp"

namespace izpo::memory {

struct UserRow {
  User user;
  UsernameKeys keys;
  std::string email_key;
  std::string password_hash;
};

struct SessionRow {
  UserId user;
  Timestamp expires_at;
  std::optional<Timestamp> ended_at;
};

struct TokenRow {
  SessionId session;
  bool used = false;
};

struct RoomRow {
  Room room;
  std::map<UserId, Standing> people;  // strangers are not in it
  std::vector<Message> messages;      // by seq, and so by id
};

struct FileRow {
  File file;
  std::optional<Timestamp> deleted_at = {};
};

// The whole "database". Everything in it is guarded by the mutex, which no coroutine holds while it waits.
struct Data {
  std::mutex mutex;
  std::map<UserId, UserRow> users;
  std::map<SessionId, SessionRow> sessions;
  std::map<TokenHash, TokenRow> tokens;
  std::map<RoomId, RoomRow> rooms;
  std::map<FileId, FileRow> files;
  std::int64_t last_id = 0;  // one count for all kinds

  template <class Id>
  Id next_id() {
    return Id(++last_id);
  }

  void end_sessions(UserId user, std::optional<SessionId> but, Timestamp now) {
    for (auto& [id, session] : sessions) {
      if (session.user == user && id != but && !session.ended_at) session.ended_at = now;
    }
  }
};

template <class Map, class Key>
auto* find(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

// `value(id, row)` gives what the list shows of a row, or nullopt when it is not in the list.
template <class Map, class Value>
auto page_of(Map& map, const Page& page, Value value) {
  std::vector<typename decltype(value(map.begin()->first, map.begin()->second))::value_type> result;
  std::int64_t skipped = 0;
  const auto take = [&](auto& entry) {
    if (page.after && entry.first.value <= *page.after) return;
    if (page.before && entry.first.value >= *page.before) return;
    if (std::cmp_greater_equal(result.size(), page.limit)) return;
    auto shown = value(entry.first, entry.second);
    if (shown && ++skipped > page.skip) result.push_back(*std::move(shown));
  };
  if (page.before && !page.after) {
    for (auto& entry : std::views::reverse(map)) take(entry);
  } else {
    for (auto& entry : map) take(entry);
  }
  return result;
}

}  // namespace izpo::memory
