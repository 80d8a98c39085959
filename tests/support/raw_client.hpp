#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/client_frames.hpp"

namespace izpo::transport::test {

struct RawResponse {
  int status = 0;
  std::string head;  // with the status line and the empty line
  std::string body;

  // The value of a field; empty when it is not there.
  std::string field(std::string_view name) const {
    const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

struct RawFrame {
  wire::Opcode opcode;
  std::string payload;
  bool compressed = false;

  std::uint16_t close_code() const {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(payload.at(0)) << 8U |
                                      static_cast<unsigned char>(payload.at(1)));
  }
};

// A client that sends bytes as they are given, and waits ten seconds at most for an answer.
class RawClient {
 public:
  RawClient(const std::string& address, std::uint16_t port, int receive_buffer = 0) {
    const bool v6 = address.contains(':');
    fd_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (receive_buffer != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (v6) {
      auto* to = reinterpret_cast<sockaddr_in6*>(&storage);
      to->sin6_family = AF_INET6;
      to->sin6_port = htons(port);
      ::inet_pton(AF_INET6, address.c_str(), &to->sin6_addr);
      size = sizeof *to;
    } else {
      auto* to = reinterpret_cast<sockaddr_in*>(&storage);
      to->sin_family = AF_INET;
      to->sin_port = htons(port);
      ::inet_pton(AF_INET, address.c_str(), &to->sin_addr);
      size = sizeof *to;
    }
    if (const int error = connect(reinterpret_cast<sockaddr*>(&storage), size); error != 0) {
      throw std::system_error(error, std::system_category(), "connect");
    }
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffered_(std::move(other.buffered_)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  // False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  // Sends `piece` every few milliseconds until the server answers or ends the connection; false: it never
  // did.
  bool drip(std::string_view piece) {
    for (int i = 0; i < 1000; ++i) {
      if (!send(piece)) return true;
      pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 5) > 0) return true;
    }
    return false;
  }

  // The next answer; of one to HEAD, no body is read.
  RawResponse response(bool with_body = true) {
    std::size_t end = 0;
    while ((end = buffered_.find("\r\n\r\n")) == std::string::npos) receive();
    RawResponse answer;
    answer.head = take(end + 4);
    answer.status = std::stoi(answer.head.substr(answer.head.find(' ') + 1));
    const std::string length = answer.field("Content-Length");
    if (with_body && !length.empty()) answer.body = take(std::stoul(length));
    return answer;
  }
  RawResponse exchange(std::string_view request) {
    send(request);
    return response();
  }

  // An unmasked frame of the server, whole.
  RawFrame frame() {
    const auto byte = [this](std::size_t at) {
      while (buffered_.size() <= at) receive();
      return static_cast<unsigned char>(buffered_[at]);
    };
    const auto opcode = static_cast<wire::Opcode>(byte(0) & 0x0FU);
    const bool compressed = (byte(0) & 0x40U) != 0;
    std::size_t header = 2;
    std::size_t size = byte(1);
    if (size >= 126) {
      const std::size_t bytes = size == 126 ? 2 : 8;
      size = 0;
      for (std::size_t i = 0; i < bytes; ++i) size = size << 8U | byte(header++);
    }
    take(header);
    return {opcode, take(size), compressed};
  }

  // Whether the server ends the connection, having sent nothing more.
  bool at_end() {
    if (!buffered_.empty()) return false;
    std::array<char, 1> byte;
    return recv_some(byte) == 0;
  }
  // Whether it ends or resets it, after whatever it still sends.
  bool ends() {
    std::array<char, 4096> bytes;
    ssize_t count = 0;
    while ((count = recv_some(bytes)) > 0) {
    }
    return count == 0 || errno == ECONNRESET;
  }

  // Asks for a WebSocket and takes the 101. `fields`: whole lines.
  RawResponse upgrade(std::string_view path, const std::string& fields = {}) {
    return exchange(
        "GET " + std::string(path) +
        " HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        fields + "\r\n");
  }
  void say(std::string_view text) { send(izpo::test::client_frame(wire::Opcode::kText, text)); }

 private:
  // The kernel takes an io_uring down in the background and interrupts who made it: here, the next test, in
  // any call that waits.

  // An interrupted connect goes on by itself.
  int connect(const sockaddr* to, socklen_t size) const {
    if (::connect(fd_, to, size) == 0) return 0;
    if (errno != EINTR) return errno;
    pollfd connected{.fd = fd_, .events = POLLOUT, .revents = 0};
    while (::poll(&connected, 1, 10'000) < 0 && errno == EINTR) {
    }
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
  }

  ssize_t recv_some(std::span<char> into) const {
    for (;;) {
      const ssize_t count = ::recv(fd_, into.data(), into.size(), 0);
      if (count >= 0 || errno != EINTR) return count;
    }
  }
  void receive() {
    std::array<char, 65536> bytes;
    const ssize_t count = recv_some(bytes);
    if (count < 0) throw std::system_error(errno, std::system_category(), "recv");
    if (count == 0) throw std::runtime_error("the server closed after: " + buffered_.substr(0, 200));
    buffered_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  std::string take(std::size_t count) {
    while (buffered_.size() < count) receive();
    std::string taken = buffered_.substr(0, count);
    buffered_.erase(0, count);
    return taken;
  }

  int fd_;
  std::string buffered_;
};

}  // namespace izpo::transport::test
