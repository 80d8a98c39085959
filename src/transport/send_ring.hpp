#pragma once

#include <liburing.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <system_error>

#include "transport/flushable.hpp"

namespace izpo::transport {

// An io_uring that writes to many sockets in one system call. No write waits for a socket, so all have ended
// when the call returns: the kernel looks at nothing later, and no socket has to outlive anything.
//
// Everything but make() is for one thread.
class SendRing {
 public:
  // Fails where this process can have none: the kernel is too old, a filter or a sysctl forbids it, no more
  // memory may be locked.
  static std::expected<std::unique_ptr<SendRing>, std::error_code> make();

  ~SendRing();
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  // Binds the ring to the calling thread; once, before write().
  std::error_code start();

  // Writes what the sockets offer, and tells each what was taken. It leaves the rest to their flush(): what
  // a full socket did not take, what was more than a few pieces, whatever failed, and everything when too few
  // sockets offer something to be worth it. An error means that the ring is of no more use.
  std::error_code write(FlushList& sockets);

 private:
  static constexpr std::size_t kEntries = 128;
  static constexpr std::size_t kPieces = 8;  // of one socket; a batch's messages of a room are one

  struct Write {
    Flushable* socket;
    int descriptor;
    std::size_t count;
    std::array<iovec, kPieces> pieces;
    msghdr message;
  };

  SendRing() = default;
  void prepare(Write& write);
  std::error_code write_collected();
  std::size_t reap();

  io_uring ring_{};
  bool open_ = false;
  std::size_t collected_ = 0;
  std::array<Write, kEntries> writes_;
};

}  // namespace izpo::transport
