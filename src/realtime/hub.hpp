#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
#include "ports/live_rooms.hpp"
#include "ports/message_store.hpp"
#include "realtime/socket.hpp"

namespace izpo::realtime {

// A socket's place in one room. Made by Hub::subscribe, owned by the socket's handler, used on the socket's
// loop only.
//
// It starts holding: live messages wait in it. The handler reads the store, sends what the client missed, and
// calls go_live with the last number it has sent; what was held follows from there, each message once, in
// order.
class Subscription {
 public:
  virtual ~Subscription() =
      default;  // unsubscribes; user_left is sent when it was the user's last in the room

  // Everything up to `sent` has been sent: drops that from what is held, sends the rest, and is live from now
  // on.
  virtual void go_live(Seq sent) = 0;

  // Tells the others in the room, never the user's own sockets.
  virtual void typing(bool is_typing) = 0;
};

struct Seat {
  RoomId room;
  UserCard user;
  SessionId session;
};

// Every connected socket of this node, by room. One part a loop, each touched by its own loop only: fan-out
// takes no lock. Who is online is counted across the loops, under a mutex, at open and close only.
class Hub : public LiveRooms {
 public:
  // `loops`: one executor a loop, as given to the listener's threads.
  explicit Hub(std::vector<Executor> loops);
  ~Hub() override;

  // On the socket's loop. Sends user_joined to the others if it is the user's first socket in the room.
  std::unique_ptr<Subscription> subscribe(Seat seat, Socket& socket);

  // Hands a committed batch to every socket of its rooms, in order; called by the write queue only, one batch
  // at a time.
  void deliver(std::vector<AppendedMessage> batch);

  // LiveRooms
  void close_member(RoomId room, UserId user) override;
  void close_room(RoomId room) override;
  void close_session(SessionId session) override;
  std::vector<UserCard> online(RoomId room) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace izpo::realtime
