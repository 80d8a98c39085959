#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sockets.hpp"

namespace izpo::bench {

// What a client was shown in one go.
struct Shown {
  std::size_t events = 0;  // messages and typing notices
  bool greeted = false;    // users_online was among it
};

// How a client connects: the path of its upgrade, and the rooms to subscribe to there (none: the socket is of
// one room, and its path names it).
struct Seat {
  std::string path;
  std::vector<std::string> rooms;

  // "/api/ws?token=… 7,8", or a path alone.
  static Seat parse(const std::string& line);
};

// A WebSocket client that counts what it is shown, and answers pings.
class ChatClient {
 public:
  ChatClient(std::uint16_t port, const Seat& seat);
  ~ChatClient();
  ChatClient(const ChatClient&) = delete;
  ChatClient& operator=(const ChatClient&) = delete;

  int socket() const { return socket_; }
  void send(std::string_view frames) const { send_all(socket_, frames); }

  // Reads what is there.
  Shown receive();

 private:
  int socket_;
  FrameReader frames_;
};

// Many of them, and one epoll.
class Clients {
 public:
  Clients(std::uint16_t port, const std::vector<Seat>& seats);

  ChatClient& operator[](std::size_t at) { return *clients_[at]; }
  std::size_t size() const { return clients_.size(); }

  void open(std::uint16_t port, const Seat& seat);
  void close_last();

  // Waits for something and calls each(client, shown). False: nothing came for that long.
  template <class Each>
  bool receive(int milliseconds, Each&& each) {
    const auto& ready = epoll_.wait(milliseconds);
    for (const auto at : ready) {
      if (at < clients_.size()) each(at, clients_[at]->receive());
    }
    return !ready.empty();
  }

  // The same, where something has to come.
  template <class Each>
  void pump(Each&& each) {
    if (!receive(20'000, each)) die("nothing came for twenty seconds");
  }

  // Reads until nothing has come for half a second: greetings, and presence of the last to come.
  void settle();

  // Reads until the descriptor is readable: heartbeats go on between two turns.
  void read_until_readable(int descriptor);

 private:
  Epoll epoll_;
  std::vector<std::unique_ptr<ChatClient>> clients_;
};

// A message that becomes an event of about 220 bytes. `client_id`: empty for none.
std::string message_frame(std::string_view client_id = {});
// `room`: empty on a socket of one room.
std::string typing_frame(bool typing, std::string_view room = {});
// `after_seq`: nullopt: from now on.
std::string subscribe_frame(const std::vector<std::string>& rooms,
                            std::optional<std::int64_t> after_seq = {});

}  // namespace izpo::bench
