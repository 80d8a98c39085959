#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "api/language.hpp"
#include "base/task_group.hpp"
#include "domain/ids.hpp"
#include "ports/clock.hpp"
#include "ports/file_links.hpp"
#include "realtime/hub.hpp"
#include "realtime/socket.hpp"
#include "services/access.hpp"
#include "services/messages.hpp"
#include "services/sessions.hpp"

namespace izpo::api {

// What the upgrade request asked for. Nothing of it is checked yet: that happens on the open socket, so that
// a browser can see why it is turned away.
struct ChatSocketRequest {
  std::optional<std::string> token;
  std::optional<RoomId> room;        // nullopt: the path's segment is no number
  std::optional<Seq> after_seq;      // replay what came after it
  std::optional<std::string> epoch;  // of the lineage that after_seq belongs to
  Language language = Language::kSpanish;
  std::string base_url;  // where links start for this client
};

// The same for the socket of all rooms.
struct AllRoomsRequest {
  std::optional<std::string> token;
  std::string connection_id;
  Language language = Language::kSpanish;
  std::string base_url;  // where links start for this client
};

// The chat protocol over a WebSocket (docs/protocol.md), of one room or of all: says who is there, replays
// what was missed, passes messages both ways.
class ChatSockets {
 public:
  struct Ports {
    services::Sessions& sessions;
    services::Access& access;
    services::Messages& messages;
    realtime::Hub& hub;
    const FileLinks& links;
    const Clock& clock;
    TaskGroup& tasks;   // replays; ends when the sockets have
    std::string epoch;  // the database's lineage
    std::chrono::seconds heartbeat{25};
    std::size_t max_subscriptions = 1000;  // of one socket of all rooms
  };

  explicit ChatSockets(Ports ports) : ports_(std::move(ports)) {}

  // Refuses nothing by itself: a bad token, an unknown room and a missing right are told on the socket, which
  // is then closed with 1008. The handler must not outlive this object.
  std::unique_ptr<realtime::SocketHandler> accept(ChatSocketRequest request) const;
  std::unique_ptr<realtime::SocketHandler> accept(AllRoomsRequest request) const;

 private:
  Ports ports_;
};

}  // namespace izpo::api
