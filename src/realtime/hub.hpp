#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
#include "ports/clock.hpp"
#include "ports/file_links.hpp"
#include "ports/live_rooms.hpp"
#include "ports/message_store.hpp"
#include "realtime/online_list.hpp"
#include "realtime/presence_rules.hpp"
#include "realtime/quota.hpp"
#include "realtime/room_cursors.hpp"
#include "realtime/room_event.hpp"
#include "realtime/socket.hpp"

namespace izpo::realtime {

// A socket's place in one room. Made by Hub::subscribe, owned by the socket's handler, used and destroyed on
// the socket's loop.
//
// It starts holding: live events wait in it, unseen. The handler then passes the room's gate, enters, reads
// the store, sends what the client missed, and goes live with the last number it has sent. So nothing falls
// between the read and the first live message, and nothing comes twice.
class Subscription {
 public:
  virtual ~Subscription() =
      default;  // leaves; the others see user_left when the user has no other in the room and stays away

  // Counts the user as online and tells the others (user_joined) unless they were online already. Returns who
  // is online, the user included.
  virtual OnlineList enter() = 0;

  // The same list for somebody who is not to be in it.
  virtual OnlineList online() const = 0;

  // The room has as many sockets as it may: this one is to be given up again.
  virtual bool over_limit() const = 0;

  // Everything up to `sent` has been sent: drops that from what was held, sends the rest and is live from now
  // on. False: more came than it holds (kMaxHeld). It holds anew; read the store again from `sent` and call
  // again.
  [[nodiscard]] virtual bool go_live(Seq sent) = 0;

  // Tells the others in the room, as Presence::typing says; never the user's own sockets. Not before enter().
  virtual void typing(bool is_typing) = 0;

  static constexpr std::size_t kMaxHeld = 1024;  // events
};

// Sits in seats of a socket that carries many rooms, and is told when one is taken away. Called on the
// socket's loop.
class SeatHolder {
 public:
  // The user may not see the room any more, or it is gone. Gives up its subscription before it returns.
  virtual void unseated(RoomId room) = 0;

  // The user has become a member of the room.
  virtual void admitted(RoomId room) = 0;

 protected:
  ~SeatHolder() = default;
};

// How many sockets there may be at once.
struct SocketLimits {
  std::size_t of_user = 50;
  std::size_t in_room = 20'000;
};

// Whose a socket is. One for all of its seats, and for its user's name in the lists of who is online.
struct Client {
  UserCard user;
  SessionId session;
  std::string base_url = {};  // where links start for this client
};

struct Seat {
  RoomId room;
  std::shared_ptr<const Client> client;
  SeatHolder* holder = nullptr;  // nullptr: the socket is for this room alone, and closed with the seat
};

// A socket of all rooms, as its user's: while it lives, the socket is sent what concerns the user in any
// room, and closed when the login ends. Made by Hub::attend, destroyed on the socket's loop.
class Attendance {
 public:
  virtual ~Attendance() = default;
};

// Every connected socket of this node, by room. It has a part on each loop, which only that loop touches:
// fan-out takes no lock. Who is online is counted across the loops under a mutex, at enter, leave and typing
// only.
class Hub : public LiveRooms {
 public:
  // `loops`: the executors that sockets live on; the first is the hub's home, where the order of each room is
  // kept. They must outlive the hub, and be stopped before it is destroyed. `links` too must outlive it.
  Hub(std::vector<Executor> loops, const Clock& clock, const FileLinks& links, PresenceRules rules = {},
      SocketLimits limits = {});
  ~Hub() override;
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // The place of one more socket of that user, taken before it subscribes and kept while it is open; nullopt:
  // they have as many as they may. Any thread.
  using SocketPlace = Quota<UserId>::Place;
  std::optional<SocketPlace> admit(UserId user);

  // On the socket's loop. Silent: nobody is told before enter().
  std::unique_ptr<Subscription> subscribe(Seat seat, Socket& socket);

  // On the socket's loop.
  std::unique_ptr<Attendance> attend(UserId user, SessionId session, Socket& socket);

  // What a committed batch shows: its new messages (not the repeats, not the failures), encoded once for all.
  Delivery encode(std::span<const AppendOutcome> batch) const;

  // What a change shows: messages that lost their file, by room and change_seq.
  Delivery encode_changes(std::span<const StoredMessage> changed) const;

  // Hands it to every socket of its rooms, in its order; but for a room where numbers before it are missing,
  // which another process gave: that one gets it by fill(). At home (the write queue).
  void deliver(Delivery delivery);

  // What was delivered of each room; at home.
  RoomCursors& cursors();

  // Hands on what was read of a gap. `read` is Replay after `gap.after`. At home.
  void fill(const RoomCursors::Gap& gap, const Replay& read);

  // Lets the deadlines of presence and typing up to `now` pass. Any thread, every kPresenceStep or so.
  void advance(std::chrono::steady_clock::time_point now);
  static constexpr std::chrono::milliseconds kPresenceStep{250};

  // LiveRooms
  void member_added(RoomId room, const std::optional<OwnedRoom>& shown, const User& member) override;
  void close_member(RoomId room, UserId user) override;
  void room_changed(const OwnedRoom& room, const std::vector<UserId>& members) override;
  void close_room(RoomId room, const std::vector<UserId>& members) override;
  void close_session(SessionId session) override;
  bool concerned(RoomId room, std::optional<UserId> user) override;
  std::vector<UserCard> online(RoomId room) override;

  struct State;  // of hub.cpp

 private:
  std::unique_ptr<State> state_;
};

}  // namespace izpo::realtime
