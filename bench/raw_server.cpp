// The reference that fan-out and durable sends are measured against: one epoll loop with nothing in it but
// what any such server must do. It takes WebSocket frames, appends each tick's messages to a file and
// fdatasyncs it, then sends every message to every socket of its room with one writev a socket. No accounts,
// no JSON, no store, no errors.
//
//   bench_raw_server --log FILE [--port N] [--frame BYTES]
//   bench_raw_server [--port N] [--frame BYTES]      writes nothing, and leaves out the sender: typing
//   notices
//
// GET /<room> upgrades into that room; any other request line is answered as HTTP with a body of --frame
// bytes.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "sockets.hpp"
#include "wire/handshake.hpp"
#include "wire/websocket.hpp"

namespace {

using izpo::bench::die;

struct Peer {
  int socket = -1;
  bool upgraded = false;
  std::string room;
  std::string pending;  // bytes of an unfinished request or frame
};

class RawServer {
 public:
  RawServer(std::uint16_t port, const std::string& log, std::size_t frame)
      : listener_(izpo::bench::listen_on(port)), body_(frame, 'x') {
    epoll_.add(listener_, 0);
    if (!log.empty()) {
      log_ = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
      if (log_ < 0) die("open");
    }
    const std::string start =
        log.empty() ? R"({"type":"typing","content":")" : R"({"type":"message","content":")";
    const std::string payload = start + std::string(frame - start.size() - 2, 'x') + "\"}";
    frame_ = izpo::wire::encode_frame(izpo::wire::Opcode::kText, payload);
    fmt::print("{}\n", izpo::bench::port_of(listener_));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    for (;;) {
      for (const auto tag : epoll_.wait(-1)) {
        if (tag == 0) {
          accept_all();
        } else {
          read_from(static_cast<int>(tag));
        }
      }
      commit_and_send();
    }
  }

 private:
  void accept_all() {
    for (int socket = -1;
         (socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      izpo::bench::make_non_blocking(socket);
      peers_[socket].socket = socket;
      epoll_.add(socket, static_cast<std::uint64_t>(socket));
    }
  }

  void read_from(int socket) {
    const auto count = recv(socket, buffer_.data(), buffer_.size(), 0);
    if (count <= 0) {
      leave(socket);
      return;
    }
    auto& peer = peers_[socket];
    peer.pending.append(buffer_.data(), static_cast<std::size_t>(count));
    if (peer.upgraded) {
      take_frames(peer);
    } else {
      take_requests(peer);
    }
  }

  void leave(int socket) {
    std::erase(rooms_[peers_[socket].room], socket);
    peers_.erase(socket);
    close(socket);
  }

  // Masked client frames of less than 64 KiB: counted, not looked into.
  void take_frames(Peer& peer) {
    std::size_t used = 0;
    const auto& bytes = peer.pending;
    while (bytes.size() - used >= 6) {
      std::size_t header = 6;
      std::size_t size = static_cast<unsigned char>(bytes[used + 1]) & 0x7FU;
      if (size == 126) {
        header = 8;
        size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[used + 2])) << 8 |
               static_cast<unsigned char>(bytes[used + 3]);
      }
      if (bytes.size() - used < header + size) break;
      used += header + size;
      ++messages_[peer.room];
      if (log_ >= 0) {
        to_log_ += frame_;
      } else {
        sender_ = peer.socket;
      }
    }
    peer.pending.erase(0, used);
  }

  void take_requests(Peer& peer) {
    for (auto end = peer.pending.find("\r\n\r\n"); end != std::string::npos;
         end = peer.pending.find("\r\n\r\n")) {
      const std::string head = peer.pending.substr(0, end + 2);
      peer.pending.erase(0, end + 4);
      const std::string_view key_name = "Sec-WebSocket-Key: ";
      const auto key = head.find(key_name);
      if (key == std::string::npos) {
        izpo::bench::send_all(peer.socket, fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                                       "Content-Length: {}\r\n\r\n{}",
                                                       body_.size(), body_));
        continue;
      }
      const auto from = key + key_name.size();
      peer.room = head.substr(5, head.find(' ', 5) - 5);
      peer.upgraded = true;
      rooms_[peer.room].push_back(peer.socket);
      izpo::bench::send_all(
          peer.socket,
          fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                      "Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
                      izpo::wire::accept_key(head.substr(from, head.find("\r\n", from) - from))));
    }
  }

  void commit_and_send() {
    if (messages_.empty()) return;
    if (log_ >= 0) {
      if (write(log_, to_log_.data(), to_log_.size()) < 0 || fdatasync(log_) != 0) die("append");
      to_log_.clear();
    }
    for (auto& [room, count] : messages_) {
      std::vector<iovec> parts(count, {frame_.data(), frame_.size()});
      for (const int socket : rooms_[room]) {
        if (socket == sender_) continue;
        if (writev(socket, parts.data(), static_cast<int>(parts.size())) < 0) die("writev");
      }
    }
    messages_.clear();
  }

  izpo::bench::Epoll epoll_;
  int listener_;
  int log_ = -1;     // -1: nothing is written
  int sender_ = -1;  // of this tick's notices
  std::string body_;
  std::string frame_;
  std::string to_log_;
  std::unordered_map<int, Peer> peers_;
  std::unordered_map<std::string, std::vector<int>> rooms_;
  std::unordered_map<std::string, std::size_t> messages_;  // of this tick
  std::array<char, 65536> buffer_{};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App options("The bare epoll reference server; prints its port");
  std::uint16_t port = 0;
  std::string log;
  std::size_t frame = 220;
  options.add_option("--port", port, "0: any free one");
  options.add_option("--log", log, "the file that messages are appended to; none: nothing is written");
  options.add_option("--frame", frame, "payload bytes of what is sent");
  CLI11_PARSE(options, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  RawServer(port, log, frame).run();
}
