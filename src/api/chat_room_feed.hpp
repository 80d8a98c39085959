#pragma once

#include <memory>
#include <utility>

#include "api/chat_socket.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/ids.hpp"
#include "realtime/hub.hpp"
#include "realtime/socket.hpp"

namespace izpo::api {

// One room on one socket: its seat in the hub, and the way from what the client has to what is new. The
// socket may end it at any time; what is under way then says no more and touches nothing of the socket. Used
// on the socket's loop.
class RoomFeed {
 public:
  RoomFeed(const ChatSockets::Ports& ports, RoomId room, std::shared_ptr<const realtime::Client> client,
           std::unique_ptr<realtime::Subscription> seat)
      : ports_(ports), room_(room), client_(std::move(client)), seat_(std::move(seat)) {}

  void end() { seat_.reset(); }
  bool ended() const { return seat_ == nullptr; }
  realtime::Subscription& seat() { return *seat_; }

  // Sends the messages that came after `sent`, and those before it that were changed after it, as far as the
  // store has them, no faster than the client reads. Returns the number up to which all were sent.
  Task<Result<Seq>> send_missed(realtime::Socket& socket, Seq sent);

  // Everything up to `sent` was sent; the rest follows, and then what is new.
  Task<Result<void>> go_live(realtime::Socket& socket, Seq sent);

 private:
  const ChatSockets::Ports& ports_;
  RoomId room_;
  std::shared_ptr<const realtime::Client> client_;
  std::unique_ptr<realtime::Subscription> seat_;
};

}  // namespace izpo::api
