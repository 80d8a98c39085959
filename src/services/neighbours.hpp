#pragma once

#include <cstdint>
#include <deque>
#include <set>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "ports/clock.hpp"
#include "ports/live_rooms.hpp"
#include "ports/member_store.hpp"
#include "ports/room_news_store.hpp"
#include "ports/room_store.hpp"
#include "ports/user_store.hpp"
#include "services/access.hpp"

namespace izpo::services {

// The other processes on this database: what they change of rooms and members is told to the sockets here, as
// if it had been changed here. What is told is how things stand when it is read, so that news in any order,
// or twice, end in the truth. One caller at a time.
class Neighbours {
 public:
  struct Ports {
    RoomNewsStore& news;
    RoomStore& rooms;
    MemberStore& members;
    UserStore& users;
    LiveRooms& live;
    Access& access;
    const Clock& clock;
  };

  explicit Neighbours(Ports ports) : ports_(ports) {}

  // Looks for news, and passes them on. Called about once a second. Fails with kStorageUnavailable; the next
  // call then makes up for it.
  Task<Result<void>> sweep();

 private:
  struct Mark {
    Timestamp at;
    std::int64_t number;
  };

  Task<Result<void>> pass_on(RoomNews news);
  Task<Result<void>> pass_on_room(RoomId room);
  void advance(Timestamp now);

  const Ports ports_;
  bool begun_ = false;
  std::int64_t floor_ = 0;        // nothing at or below it will show itself any more
  std::set<std::int64_t> known_;  // above floor_, and passed on
  std::deque<Mark> marks_;        // how high the numbers were when, oldest first
  std::deque<Mark> purgeable_;    // what floor_ was when, oldest first
};

}  // namespace izpo::services
