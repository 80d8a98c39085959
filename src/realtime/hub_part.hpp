#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/ids.hpp"
#include "realtime/hub.hpp"
#include "realtime/room_event.hpp"
#include "realtime/socket.hpp"

namespace izpo::realtime {

class HubPart;

// One socket in one room, in the part of its loop. See Subscription for what it promises.
class Listener {
 public:
  Listener(Seat seat, Socket& socket)
      : seat_(std::move(seat)), user_(seat_.client->user.id), socket_(socket) {}

  const Seat& seat() const { return seat_; }
  Socket& socket() const { return socket_; }

  // `events` are of this room, in their order. `together`: all of them as one, where they are several
  // messages; null otherwise.
  void offer(std::span<const RoomEvent> events, const SharedEvent& together);
  bool go_live(Seq sent);

  // The highest number this socket was sent; all below it were sent too.
  Seq sent() const { return sent_; }

 private:
  friend class HubPart;

  void offer(const RoomEvent& event);
  void pass_on(const RoomEvent& event);

  Seat seat_;
  UserId user_;  // the client's, at hand for each event
  Socket& socket_;
  Seq sent_;                     //
  bool live_ = false;            //
  bool overflowed_ = false;      // held_ was full and messages were let go
  std::vector<RoomEvent> held_;  // while not live
  std::size_t place_ = 0;        // in its room's list
};

// One socket of all rooms.
struct Attendee {
  UserId user;
  SessionId session;
  Socket& socket;
};

// The hub's part on one loop: which of the loop's sockets are in which room. Only its loop touches it, but
// for `sockets_`, which others read to leave out a loop that nobody is on.
class HubPart {
 public:
  explicit HubPart(Executor loop) : loop_(std::move(loop)) {}

  const Executor& loop() const { return loop_; }

  // Any thread. Sequentially consistent with add(): a batch that finds a part empty was committed before the
  // socket that is added next reads the store.
  bool empty() const { return sockets_.load() == 0; }

  void add(Listener& listener);
  void remove(Listener& listener);

  // A room's sockets are gone through once for all of its events in a row: beyond some hundred sockets it is
  // their memory that costs, not the events.
  void fan_out(std::span<const RoomEvent> events);

  void add(const Attendee& attendee);
  void remove(const Attendee& attendee);

  // Sends it to the sockets of all rooms of `user`, of everybody in `people` (in order), or of those who
  // follow the room.
  void tell_user(UserId user, const SharedEvent& event);
  void tell_people(const std::vector<UserId>& people, const SharedEvent& event);
  void tell_followers(RoomId room, const std::function<bool(const Seat&)>& chosen, const SharedEvent& event);

  // Takes every seat of the room for which `chosen` is true; a socket of this room alone is closed.
  void unseat(RoomId room, const std::function<bool(const Seat&)>& chosen, CloseCode code,
              std::string_view reason);
  void admit(RoomId room, UserId user);
  void close_session(SessionId session);

 private:
  void fan_out(std::span<const RoomEvent> events, const std::vector<Listener*>& listeners);
  std::vector<Listener*> chosen_in(RoomId room, const std::function<bool(const Seat&)>& chosen) const;

  Executor loop_;
  std::unordered_map<RoomId, std::vector<Listener*>> rooms_;  // no empty rooms
  std::unordered_multimap<UserId, const Attendee*> people_;
  std::atomic<std::size_t> sockets_ = 0;  // in rooms_ and in people_
};

}  // namespace izpo::realtime
