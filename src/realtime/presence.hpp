#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/timer_wheel.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "realtime/online_list.hpp"
#include "realtime/presence_rules.hpp"

namespace izpo::realtime {

// Who is online in which room, and who is typing, over all of a user's sockets on this node.
//
// A user who is gone for less than the grace never left: nobody is told. What the room is told are
// differences; two that cancel each other within a batch are not told. Deadlines pass in advance(), give or
// take one of its steps. Thread-safe.
class Presence {
 public:
  // Tells a room some events, as JSON, in their order; `except`'s sockets do not get them (0: everybody's
  // do). Called under the lock, so that what it posts to the loops keeps the order in which things changed:
  // no loop can show a "left" after the "joined" that followed it.
  struct Notice {
    std::string json;
    UserId except;
  };
  using Tell = std::function<void(RoomId, const std::vector<Notice>&)>;

  Presence(PresenceRules rules, const Clock& clock, TimerWheel::Clock::time_point now, Tell tell);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  // One socket of the user is in the room. Every ticket is another one; leave() takes it back.
  using Ticket = std::uint64_t;
  struct Entrance {
    Ticket ticket;
    OnlineList online;  // the user counted
  };
  Entrance enter(RoomId room, const SharedCard& user);

  // That socket is gone, and with it what it was typing. Does nothing after the user's remove().
  void leave(RoomId room, UserId user, Ticket ticket);

  // The user is in the room no more, whatever sockets they have there: told at once.
  void remove(RoomId room, UserId user);

  // The room is gone with all who were in it; nobody is told.
  void remove_room(RoomId room);

  // A socket in the room says that its user is typing, or has stopped. The others are told when that changes,
  // but not of every flutter; it ends by itself, or with the socket.
  void typing(RoomId room, UserId user, Ticket ticket, bool is_typing);

  OnlineList shown(RoomId room) const;
  std::vector<UserCard> online(RoomId room) const;  // everybody, by id

  // Lets the deadlines up to `now` pass. Call it every quarter of a second or so.
  void advance(TimerWheel::Clock::time_point now);

 private:
  enum class Change : std::uint8_t { kJoined, kLeft };
  struct Untold {
    UserCard user;
    Change change;
  };

  // The timer is the batch: armed while something is untold.
  struct Room final : TimerWheel::Timer {
    // Somebody online. The timer is the grace: armed while they have no socket.
    struct Person final : TimerWheel::Timer {
      Person(Room& its_room, SharedCard card, Ticket ticket)
          : room(its_room), user(std::move(card)), first(ticket) {}
      void expired() override { room.owner.gone(room, user->id); }

      Room& room;
      SharedCard user;
      Ticket first;  // earlier ones are from before they were removed
      std::size_t sockets = 0;
    };

    // Somebody who is typing, or was a moment ago. The timer is the next thing to look after.
    struct Typist final : TimerWheel::Timer {
      Typist(Room& its_room, UserCard card)
          : room(its_room),
            user(std::move(card)),
            typing_until(its_room.owner.now_),
            last_told_true(typing_until - its_room.owner.rules_.typing_again) {}
      void expired() override { room.owner.look_after(*this); }

      Room& room;
      UserCard user;
      Ticket socket = 0;                           // that said so last
      bool shown = false;                          // what the others know
      TimerWheel::Clock::time_point typing_until;  // past: has stopped
      TimerWheel::Clock::time_point last_told_true;
    };

    Room(Presence& its_owner, RoomId its_id) : owner(its_owner), id(its_id) {}
    void expired() override { owner.tell_batch(*this); }
    bool forgettable() const { return people.empty() && untold.empty(); }

    Presence& owner;
    RoomId id;
    std::map<UserId, Person> people;
    std::map<UserId, Typist> typists;  // of people
    std::map<UserId, Untold> untold;
    TimerWheel::Clock::time_point next_typist;  // before it, nobody begins to be shown typing in a large room
    bool cut = false;                           // the last list that somebody was sent was not whole
  };

  // All under mutex_:
  void gone(Room& room, UserId user);
  void changed(Room& room, const UserCard& user, Change change);
  void tell_batch(Room& room);
  PresenceRules::Duration batch_of(const Room& room) const;
  void tell_typing(Room::Typist& typist);
  bool may_be_told(const Room::Typist& typist) const;
  void look_after(Room::Typist& typist);
  void forget_if_empty(Room& room);
  Notice notice(const Room& room, const Untold& untold) const;
  static OnlineList list_of(const Room& room);

  const PresenceRules rules_;
  const Clock& clock_;
  const Tell tell_;

  mutable std::mutex mutex_;
  // Under mutex_:
  TimerWheel::Clock::time_point now_;
  TimerWheel wheel_;
  std::unordered_map<RoomId, Room> rooms_;  // none that is forgettable
  Ticket last_ticket_ = 0;
};

}  // namespace izpo::realtime
