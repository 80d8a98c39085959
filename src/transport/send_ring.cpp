#include "transport/send_ring.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <utility>

namespace izpo::transport {

namespace {

// Disabled until start(), since the thread that enables a ring of one issuer is that issuer.
constexpr unsigned kAnyKernel = IORING_SETUP_R_DISABLED;
// Since Linux 6.1: no interrupts and fewer locks, as fits a ring that one thread submits to and waits for.
constexpr unsigned kOneThread = kAnyKernel | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER |
                                IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN;

// Sockets. Two cost the same either way, three are cheaper together
// (docs/adr/0008-sends-through-io-uring.md).
constexpr std::size_t kWorthIt = 3;

std::error_code error_of(int result) {
  return {-result, std::system_category()};
}

}  // namespace

std::expected<std::unique_ptr<SendRing>, std::error_code> SendRing::make() {
  std::unique_ptr<SendRing> made(new SendRing);
  int result = io_uring_queue_init(kEntries, &made->ring_, kOneThread);
  if (result == -EINVAL) result = io_uring_queue_init(kEntries, &made->ring_, kAnyKernel);
  if (result < 0) return std::unexpected(error_of(result));
  made->open_ = true;
  return made;
}

SendRing::~SendRing() {
  if (open_) io_uring_queue_exit(&ring_);
}

std::error_code SendRing::start() {
  // io_uring_enable_rings() is declared, but the shared library of liburing 2.3 does not export it.
  const auto result =
      ::syscall(SYS_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0U);
  return result < 0 ? std::error_code(errno, std::system_category()) : std::error_code();
}

std::error_code SendRing::write(FlushList& sockets) {
  for (Flushable& socket : sockets) {
    Write& next = writes_[collected_];
    const auto [descriptor, count] = socket.offer(next.pieces);
    if (count == 0) continue;
    next.socket = &socket;
    next.descriptor = descriptor;
    next.count = count;
    if (++collected_ < kEntries) continue;
    if (const auto error = write_collected()) return error;
  }
  return write_collected();
}

std::error_code SendRing::write_collected() {
  const auto writes = std::span(writes_).first(std::exchange(collected_, 0));
  if (writes.size() < kWorthIt) return {};
  for (Write& write : writes) prepare(write);
  std::size_t left = writes.size();
  while (left > 0) {
    const int result = io_uring_submit_and_wait(&ring_, static_cast<unsigned>(left));
    left -= reap();
    if (result < 0 && result != -EINTR) return error_of(result);
  }
  return {};
}

void SendRing::prepare(Write& write) {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  // MSG_DONTWAIT also keeps the kernel from waiting on its own for room in the socket.
  constexpr unsigned kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (write.count == 1) {
    io_uring_prep_send(entry, write.descriptor, write.pieces[0].iov_base, write.pieces[0].iov_len, kFlags);
  } else {
    write.message = {};
    write.message.msg_iov = write.pieces.data();
    write.message.msg_iovlen = write.count;
    io_uring_prep_sendmsg(entry, write.descriptor, &write.message, kFlags);
  }
  io_uring_sqe_set_data(entry, &write);
}

std::size_t SendRing::reap() {
  unsigned count = 0;
  unsigned head = 0;
  io_uring_cqe* ended = nullptr;
  io_uring_for_each_cqe(&ring_, head, ended) {
    const auto* write = static_cast<const Write*>(io_uring_cqe_get_data(ended));
    if (ended->res > 0) write->socket->taken(static_cast<std::size_t>(ended->res));
    ++count;
  }
  io_uring_cq_advance(&ring_, count);
  return count;
}

}  // namespace izpo::transport
