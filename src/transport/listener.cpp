#include "transport/listener.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/address.hpp>

#include "base/log.hpp"
#include "base/use_task.hpp"

namespace izpo::transport {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr int kBacklog = 4096;
constexpr int kAcceptsAWake = 64;                      // then the loop's other sockets have their turn
constexpr std::chrono::milliseconds kOutOfFiles(100);  // before accept is tried again

Acceptor listen_on(const Executor& loop, const ServerOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) throw std::invalid_argument("not an IPv4 or IPv6 address: " + options.address);
  const tcp::endpoint endpoint(address, options.port);
  try {
    Acceptor acceptor(loop, endpoint.protocol());
    acceptor.set_option(Acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(kBacklog);
    acceptor.non_blocking(true);
    return acceptor;
  } catch (const boost::system::system_error& failure) {
    throw std::system_error(failure.code(), "cannot listen there");
  }
}

}  // namespace

OwnedSocket::~OwnedSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Listener::Listener(const Executor& loop, const ServerOptions& options)
    : acceptor_(listen_on(loop, options)), port_(acceptor_.local_endpoint().port()) {}

Task<> Listener::accept_all(Taker taker) {
  Timer pause(acceptor_.get_executor());
  bool complained = false;
  for (;;) {
    co_await acceptor_.async_wait(Acceptor::wait_read, kAwait);
    if (!acceptor_.is_open()) co_return;
    Accepted last = Accepted::kOne;
    for (int i = 0; i < kAcceptsAWake && last == Accepted::kOne; ++i) last = accept_one(taker);
    if (last != Accepted::kCannot) {
      complained = false;
      continue;
    }
    if (!std::exchange(complained, true)) {
      spdlog::warn("cannot accept connections: {}", ::strerrordesc_np(errno));
    }
    // The listener stays readable: without a pause this would spin until somebody closes something.
    pause.expires_after(kOutOfFiles);
    co_await pause.async_wait(kAwait);
    if (!acceptor_.is_open()) co_return;
  }
}

void Listener::accept_waiting(const Taker& taker) {
  for (int i = 0; i < kBacklog && accept_one(taker) == Accepted::kOne; ++i) {
  }
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

Listener::Accepted Listener::accept_one(const Taker& taker) {
  Endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  OwnedSocket socket(::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) {
    // The client gave up meanwhile, or its network failed (accept(2)): the next one is none the worse.
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) return Accepted::kOne;
    return errno == EAGAIN || errno == EWOULDBLOCK ? Accepted::kNobody : Accepted::kCannot;
  }
  peer.resize(size);
  taker(std::move(socket), peer);
  return Accepted::kOne;
}

}  // namespace izpo::transport
