#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/ids.hpp"
#include "ports/file_links.hpp"
#include "realtime/hub.hpp"
#include "realtime/socket.hpp"
#include "services/messages.hpp"

namespace izpo::api {

// One room on one socket: its seat in the hub, and the way from what the client has to what is new. The
// socket may end it at any time; what is under way then says no more and touches nothing of the socket. Used
// on the socket's loop.
class RoomFeed {
 public:
  // `links` make the links of files, on `base_url`; neither is touched after end().
  RoomFeed(RoomId room, std::unique_ptr<realtime::Subscription> seat, const FileLinks& links,
           std::string_view base_url)
      : room_(room), seat_(std::move(seat)), links_(links), base_url_(base_url) {}

  void end() { seat_.reset(); }
  bool ended() const { return seat_ == nullptr; }
  realtime::Subscription& seat() { return *seat_; }

  // Sends the messages that came after `sent`, as far as the store has them, no faster than the client reads.
  // Returns the number up to which all were sent.
  Task<Result<Seq>> send_missed(services::Messages& messages, realtime::Socket& socket, Seq sent);

  // Everything up to `sent` was sent; the rest follows, and then what is new.
  Task<Result<void>> go_live(services::Messages& messages, realtime::Socket& socket, Seq sent);

 private:
  RoomId room_;
  std::unique_ptr<realtime::Subscription> seat_;
  const FileLinks& links_;
  std::string_view base_url_;
};

}  // namespace izpo::api
