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
  Listener(Seat seat, Socket& socket) : seat_(std::move(seat)), socket_(socket) {}

  const Seat& seat() const { return seat_; }
  Socket& socket() const { return socket_; }

  // `events` are of this room, in their order. `together`: all of them as one, where they are several
  // messages; null otherwise.
  void offer(std::span<const RoomEvent> events, const SharedEvent& together);
  bool go_live(Seq sent);

 private:
  friend class HubPart;

  void offer(const RoomEvent& event);
  void pass_on(const RoomEvent& event);

  Seat seat_;
  Socket& socket_;
  Seq sent_;                     // the highest number this socket was sent
  bool live_ = false;            //
  bool overflowed_ = false;      // held_ was full and messages were let go
  std::vector<RoomEvent> held_;  // while not live
  std::size_t place_ = 0;        // in its room's list
};

// The hub's part on one loop: which of the loop's sockets are in which room. Only its loop touches it, but
// for `listeners`, which others read to leave out a loop that nobody is on.
class HubPart {
 public:
  explicit HubPart(Executor loop) : loop_(std::move(loop)) {}

  const Executor& loop() const { return loop_; }

  // Any thread. Sequentially consistent with add(): a batch that finds a part empty was committed before the
  // socket that is added next reads the store.
  bool empty() const { return listeners_.load() == 0; }

  void add(Listener& listener);
  void remove(Listener& listener);

  // A room's sockets are gone through once for all of its events in a row: beyond some hundred sockets it is
  // their memory that costs, not the events.
  void fan_out(std::span<const RoomEvent> events);

  // Closes every socket in the room for which `chosen` is true.
  void close_in(RoomId room, const std::function<bool(const Seat&)>& chosen, CloseCode code,
                std::string_view reason);
  void close_session(SessionId session);

 private:
  void fan_out(std::span<const RoomEvent> events, const std::vector<Listener*>& listeners);

  Executor loop_;
  std::unordered_map<RoomId, std::vector<Listener*>> rooms_;  // no empty rooms
  std::atomic<std::size_t> listeners_ = 0;
};

}  // namespace izpo::realtime
