#include "chat_clients.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>

#include <fmt/format.h>

#include "support/client_frames.hpp"

namespace izpo::bench {

using wire::Opcode;

Seat Seat::parse(const std::string& line) {
  std::istringstream stream(line);
  Seat seat;
  std::string rooms;
  stream >> seat.path >> rooms;
  std::istringstream each(rooms);
  for (std::string room; std::getline(each, room, ',');) seat.rooms.push_back(room);
  return seat;
}

ChatClient::ChatClient(std::uint16_t port, const Seat& seat) : socket_(connect_to(port)) {
  send_all(socket_, fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                seat.path));
  std::string head;
  for (char byte = 0; !head.ends_with("\r\n\r\n"); head += byte) {
    if (recv(socket_, &byte, 1, 0) != 1) die("upgrade");
  }
  if (!head.starts_with("HTTP/1.1 101")) die("upgrade refused");
  make_non_blocking(socket_);
  if (!seat.rooms.empty()) send(subscribe_frame(seat.rooms));
}

ChatClient::~ChatClient() {
  close(socket_);
}

Shown ChatClient::receive() {
  static std::vector<char> buffer(1 << 18);
  Shown shown;
  const auto count = recv(socket_, buffer.data(), buffer.size(), 0);
  if (count == 0 || (count < 0 && errno != EAGAIN)) die("the server closed a socket");
  if (count < 0) return shown;
  frames_.feed({buffer.data(), static_cast<std::size_t>(count)}, [&](std::uint8_t opcode,
                                                                     std::string_view payload) {
    if (opcode == static_cast<std::uint8_t>(Opcode::kPing)) {
      send(test::client_frame(Opcode::kPong, payload));
    } else if (opcode == static_cast<std::uint8_t>(Opcode::kClose)) {
      die(fmt::format("the server closed a socket: {}", payload.substr(2)));
    } else if (payload.starts_with(R"({"type":"message")") || payload.starts_with(R"({"type":"typing")")) {
      ++shown.events;
    } else if (payload.starts_with(R"({"type":"users_online")")) {
      shown.greeted = true;
    }
  });
  return shown;
}

Clients::Clients(std::uint16_t port, const std::vector<Seat>& seats) {
  for (const auto& seat : seats) {
    open(port, seat);
    // Those who are there are told of those who come.
    if (clients_.size() % 64 == 0) receive(0, [](std::size_t, Shown) {});
  }
  settle();
}

void Clients::open(std::uint16_t port, const Seat& seat) {
  clients_.push_back(std::make_unique<ChatClient>(port, seat));
  epoll_.add(clients_.back()->socket(), clients_.size() - 1);
}

void Clients::close_last() {
  clients_.pop_back();
}

void Clients::settle() {
  while (receive(500, [](std::size_t, Shown) {})) {
  }
}

void Clients::read_until_readable(int descriptor) {
  std::array<pollfd, 2> wanted{pollfd{.fd = descriptor, .events = POLLIN, .revents = 0},
                               pollfd{.fd = epoll_.descriptor(), .events = POLLIN, .revents = 0}};
  for (;;) {
    if (poll(wanted.data(), wanted.size(), -1) < 0) die("poll");
    if (wanted[0].revents != 0) return;
    receive(0, [](std::size_t, Shown) {});
  }
}

std::string message_frame(std::string_view client_id) {
  const auto named = client_id.empty() ? std::string() : fmt::format(R"(,"client_id":"{}")", client_id);
  return test::client_frame(
      Opcode::kText, fmt::format(R"({{"type":"message","content":"que tal todo por aqui"{}}})", named));
}

std::string typing_frame(bool typing, std::string_view room) {
  const auto where = room.empty() ? std::string() : fmt::format(R"("room_id":{},)", room);
  return test::client_frame(Opcode::kText,
                            fmt::format(R"({{"type":"typing",{}"typing":{}}})", where, typing));
}

std::string subscribe_frame(const std::vector<std::string>& rooms, std::optional<std::int64_t> after_seq) {
  const auto position = after_seq ? fmt::format(R"(,"after_seq":{})", *after_seq) : std::string();
  const auto positions = fmt::format(
      R"({{"room_id":{}{}}})", fmt::join(rooms, fmt::format(R"({}}},{{"room_id":)", position)), position);
  return test::client_frame(Opcode::kText, fmt::format(R"({{"type":"subscribe","rooms":[{}]}})", positions));
}

}  // namespace izpo::bench
