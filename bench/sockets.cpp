#include "sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace izpo::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void no_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void die(std::string_view what) {
  fmt::print(stderr, "bench: {}: {}\n", what, std::strerror(errno));
  std::exit(1);
}

int listen_on(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto address = loopback(port);
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (listen(socket, 4096) != 0) die("listen");
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) die("getsockname");
  return ntohs(address.sin_port);
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(port);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
  no_delay(socket);
  return socket;
}

void make_non_blocking(int socket) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  no_delay(socket);
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = socket, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, 1000);
    } else {
      die("send");
    }
  }
}

Epoll::Epoll() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
Epoll::~Epoll() {
  close(epoll_);
}

void Epoll::add(int socket, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) die("epoll_ctl");
}

const std::vector<std::uint64_t>& Epoll::wait(int milliseconds) {
  const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), milliseconds);
  ready_.clear();
  for (int i = 0; i < count; ++i) ready_.push_back(events_[static_cast<std::size_t>(i)].data.u64);
  return ready_;
}

FrameReader::Size FrameReader::whole(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
  };
  Size size{.header = 2, .payload = byte(1) & 0x7F};
  const std::size_t extended = size.payload == 126 ? 2 : size.payload == 127 ? 8 : 0;
  if (bytes.size() < 2 + extended) return {};
  if (extended != 0) {
    size = {.header = 2 + extended, .payload = 0};
    for (std::size_t i = 0; i < extended; ++i) size.payload = size.payload << 8 | byte(2 + i);
  }
  return bytes.size() < size.header + size.payload ? Size{} : size;
}

}  // namespace izpo::bench
