#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The few system calls that the load generator and the reference server share. Every failure ends the program
// with a line: a benchmark with a broken socket measures nothing.
namespace izpo::bench {

[[noreturn]] void die(std::string_view what);

int listen_on(std::uint16_t port);  // 127.0.0.1, non-blocking; port 0: any free one
std::uint16_t port_of(int socket);
int connect_to(std::uint16_t port);  // 127.0.0.1, blocking, TCP_NODELAY
void make_non_blocking(int socket);
void send_all(int socket, std::string_view bytes);  // blocking or not: returns when all is handed over

class Epoll {
 public:
  Epoll();
  ~Epoll();
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  void add(int socket, std::uint64_t tag);
  // The tags of the readable sockets; waits at most that long.
  const std::vector<std::uint64_t>& wait(int milliseconds);
  // Readable when one of the sockets is.
  int descriptor() const { return epoll_; }

 private:
  int epoll_;
  std::vector<epoll_event> events_ = std::vector<epoll_event>(1024);
  std::vector<std::uint64_t> ready_;
};

// Whole unmasked frames in a stream, for the receiving side of a benchmark: no checks, no copies of what is
// complete.
class FrameReader {
 public:
  // Calls `each(opcode, payload)` for every complete frame.
  template <class Each>
  void feed(std::string_view bytes, Each&& each) {
    if (!partial_.empty()) {
      partial_ += bytes;
      bytes = partial_;
    }
    std::size_t used = 0;
    while (const auto frame = whole(bytes.substr(used))) {
      each(static_cast<std::uint8_t>(bytes[used] & 0x0F), bytes.substr(used + frame.header, frame.payload));
      used += frame.header + frame.payload;
    }
    std::string rest(bytes.substr(used));
    partial_.swap(rest);
  }

 private:
  struct Size {
    std::size_t header = 0;
    std::size_t payload = 0;
    explicit operator bool() const { return header != 0; }
  };
  static Size whole(std::string_view bytes);

  std::string partial_;
};

}  // namespace izpo::bench
