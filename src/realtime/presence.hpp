#pragma once

#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "domain/ids.hpp"
#include "domain/user.hpp"

namespace izpo::realtime {

// Who is online in which room, counted over all of a user's sockets. Thread-safe. The callback of enter and
// leave runs under the lock: what it posts to the loops keeps the order in which the counts changed, so that
// no loop can show a "left" after the "joined" that followed it.
class Presence {
 public:
  // Returns who is online, by id, `user` included. Calls `joined()` when this was the user's first socket in
  // the room.
  template <class Callback>
  std::vector<UserCard> enter(RoomId room, const UserCard& user, Callback&& joined) {
    const std::lock_guard lock(mutex_);
    auto& seats = rooms_[room];
    auto& seat = seats[user.id];
    seat.user = user;
    if (seat.sockets++ == 0) joined();
    return cards(seats);
  }

  // Calls `left()` when this was the user's last socket in the room.
  template <class Callback>
  void leave(RoomId room, UserId user, Callback&& left) {
    const std::lock_guard lock(mutex_);
    const auto seats = rooms_.find(room);
    if (seats == rooms_.end()) return;
    const auto seat = seats->second.find(user);
    if (seat == seats->second.end() || --seat->second.sockets > 0) return;
    seats->second.erase(seat);
    if (seats->second.empty()) rooms_.erase(seats);
    left();
  }

  std::vector<UserCard> online(RoomId room) const {
    const std::lock_guard lock(mutex_);
    const auto seats = rooms_.find(room);
    return seats == rooms_.end() ? std::vector<UserCard>{} : cards(seats->second);
  }

 private:
  struct Online {
    UserCard user;
    int sockets = 0;
  };
  using Seats = std::map<UserId, Online>;

  static std::vector<UserCard> cards(const Seats& seats) {
    std::vector<UserCard> result;
    result.reserve(seats.size());
    for (const auto& [id, seat] : seats) result.push_back(seat.user);
    return result;
  }

  mutable std::mutex mutex_;
  std::unordered_map<RoomId, Seats> rooms_;  // under mutex_; no empty rooms
};

}  // namespace izpo::realtime
