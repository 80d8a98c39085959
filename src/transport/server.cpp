#include "transport/server.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"
#include "transport/http_session.hpp"
#include "transport/loop.hpp"
#include "transport/response_head.hpp"
#include "transport/websocket_session.hpp"

namespace izpo::transport {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<TimerWheel::Clock, asio::wait_traits<TimerWheel::Clock>, Executor>;
using std::chrono::milliseconds;

constexpr int kBacklog = 4096;
constexpr int kAcceptsAWake = 64;          // then the loop's other sockets have their turn
constexpr milliseconds kOutOfFiles(100);   // before accept is tried again
constexpr milliseconds kDrainStep(20);     // between two looks at what is left
constexpr std::size_t kClosesAStep = 100;  // WebSockets of a loop closed together in a drain

// Closes what nobody took over.
class OwnedSocket {
 public:
  explicit OwnedSocket(int fd) : fd_(fd) {}
  OwnedSocket(OwnedSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedSocket& operator=(OwnedSocket&&) = delete;
  ~OwnedSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// One connection in the counts.
class Place {
 public:
  Place(std::atomic<std::size_t>& all, std::atomic<std::size_t>& of_loop) : all_(&all), of_loop_(&of_loop) {
    ++*all_;
    ++*of_loop_;
  }
  Place(Place&& other) noexcept : all_(std::exchange(other.all_, nullptr)), of_loop_(other.of_loop_) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (all_ == nullptr) return;
    --*all_;
    --*of_loop_;
  }

 private:
  std::atomic<std::size_t>* all_;
  std::atomic<std::size_t>* of_loop_;
};

tcp::endpoint endpoint_of(const ServerOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) throw std::invalid_argument("not an IPv4 or IPv6 address: " + options.address);
  return {address, options.port};
}

Acceptor listen_on(Loop& loop, const tcp::endpoint& endpoint) {
  try {
    Acceptor acceptor(loop.executor(), endpoint.protocol());
    acceptor.set_option(Acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(kBacklog);
    acceptor.non_blocking(true);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw std::system_error(error.code(), "cannot listen there");
  }
}

}  // namespace

struct Server::State {
  State(Loops& loops_given, api::Application& application, const Clock& clock, const ServerOptions& options)
      : loops(loops_given),
        serving{.application = application,
                .clock = clock,
                .limits = options.limits,
                .timeouts = options.timeouts},
        acceptor(listen_on(loops.at(0), endpoint_of(options))),
        port(acceptor.local_endpoint().port()),
        open_of_loop(loops.size()) {}

  Task<> accept_all();
  bool accept_one();
  void refuse(const OwnedSocket& socket);
  std::size_t least_loaded() const;
  void adopt(std::size_t index, OwnedSocket socket, const tcp::endpoint& peer, Place place);
  Task<> serve(Loop& loop, TcpStream stream, std::string peer, Place place);
  Task<std::optional<Upgrade>> serve_http(Loop& loop, TcpStream stream, std::string peer);
  Task<> stop_accepting();
  Task<> drain_loop(std::size_t index, TimerWheel::Clock::time_point deadline);

  Loops& loops;
  Serving serving;

  // On loop 0:
  Acceptor acceptor;
  bool out_of_files = false;

  // From any thread:
  const std::uint16_t port;
  std::atomic<std::size_t> open = 0;
  std::vector<std::atomic<std::size_t>> open_of_loop;
  std::atomic<bool> aborting = false;
  TaskGroup accepting;
  TaskGroup connections;
};

Server::Server(Loops& loops, api::Application& application, const Clock& clock, ServerOptions options)
    : state_(std::make_unique<State>(loops, application, clock, options)) {}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->port;
}

std::size_t Server::connections() const {
  return state_->open;
}

void Server::start() {
  state_->accepting.spawn(state_->loops.at(0).executor(), "accept", state_->accept_all());
}

void Server::abort() {
  state_->aborting = true;
}

// One thread accepts for all: a connection costs it a few microseconds, and unlike with SO_REUSEPORT the
// loops stay even and no connection is lost with a loop's queue.
Task<> Server::State::accept_all() {
  Timer pause(loops.at(0).executor());
  for (;;) {
    co_await acceptor.async_wait(Acceptor::wait_read, kAwait);
    if (serving.draining) co_return;
    out_of_files = false;
    for (int i = 0; i < kAcceptsAWake && accept_one(); ++i) {
    }
    if (!out_of_files) continue;
    // The listener stays readable: without a pause this would spin until somebody closes something.
    pause.expires_after(kOutOfFiles);
    co_await pause.async_wait(kAwait);
  }
}

// False: nobody is waiting, or nobody can be taken now.
bool Server::State::accept_one() {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  OwnedSocket socket(::accept4(acceptor.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) {
    // The client gave up meanwhile, or its network failed (accept(2)): the next one is none the worse.
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    spdlog::warn("cannot accept a connection: {}", std::system_category().message(errno));
    out_of_files = true;
    return false;
  }
  peer.resize(size);
  if (open >= serving.limits.connections) {
    refuse(socket);
    return true;
  }
  const std::size_t index = least_loaded();
  asio::post(loops.at(index).executor(), [this, index, socket = std::move(socket), peer,
                                          place = Place(open, open_of_loop[index])]() mutable {
    adopt(index, std::move(socket), peer, std::move(place));
  });
  return true;
}

// Says 503 without reading the request, since reading takes what there is too little of.
void Server::State::refuse(const OwnedSocket& socket) {
  api::Request unread;
  unread.request_id = fmt::format("{:016x}", loops.at(0).random());
  const api::Response response = serving.application.refuse(reason::kOverloaded, unread);
  ResponseFrame frame;
  frame.date = loops.at(0).http_date(to_micros(serving.clock.now()) / 1'000'000);
  frame.request_id = unread.request_id;
  frame.content_length = response.body.size();
  frame.connection = "close";
  const std::string bytes = response_head(response, frame) + response.body;
  ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ::shutdown(socket.get(), SHUT_WR);
  std::array<char, 4096> ignored;
  while (::recv(socket.get(), ignored.data(), ignored.size(), 0) > 0) {
  }
}

std::size_t Server::State::least_loaded() const {
  return static_cast<std::size_t>(
      std::ranges::min_element(open_of_loop, {}, [](const auto& count) { return count.load(); }) -
      open_of_loop.begin());
}

void Server::State::adopt(std::size_t index, OwnedSocket socket, const tcp::endpoint& peer, Place place) {
  if (serving.draining) return;
  Loop& loop = loops.at(index);
  constexpr int kOn = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  TcpStream stream(TcpStream::Socket(loop.executor(), peer.protocol(), socket.get()));
  socket.release();
  asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  connections.spawn(loop.executor(), "connection",
                    serve(loop, std::move(stream), address.to_string(), std::move(place)));
}

Task<> Server::State::serve(Loop& loop, TcpStream stream, std::string peer, [[maybe_unused]] Place place) {
  // The HTTP session is gone before the WebSocket begins: most WebSockets are idle and long.
  std::shared_ptr<WebSocketSession> socket;
  if (auto upgrade = co_await serve_http(loop, std::move(stream), std::move(peer))) {
    socket = std::make_shared<WebSocketSession>(loop, serving.limits, serving.timeouts, std::move(*upgrade));
  }
  if (socket) co_await socket->run();
}

Task<std::optional<Upgrade>> Server::State::serve_http(Loop& loop, TcpStream stream, std::string peer) {
  HttpSession session(loop, serving, std::move(stream), std::move(peer));
  co_return co_await session.run();
}

Task<> Server::drain(milliseconds deadline) {
  State& state = *state_;
  const auto end = TimerWheel::Clock::now() + deadline;
  state.serving.draining = true;
  TaskGroup steps;
  steps.spawn(state.loops.at(0).executor(), "stop accepting", state.stop_accepting());
  co_await steps.wait();
  co_await state.accepting.wait();
  for (std::size_t i = 0; i < state.loops.size(); ++i) {
    steps.spawn(state.loops.at(i).executor(), "drain", state.drain_loop(i, end));
  }
  co_await steps.wait();
  co_await state.connections.wait();
}

Task<> Server::State::stop_accepting() {
  boost::system::error_code ignored;
  acceptor.close(ignored);
  co_return;
}

Task<> Server::State::drain_loop(std::size_t index, TimerWheel::Clock::time_point deadline) {
  Loop& loop = loops.at(index);
  Timer pause(loop.executor());
  // WebSockets are told in the first half of the time at the latest: the rest is for their handshakes.
  const auto half = std::chrono::duration_cast<milliseconds>(deadline - TimerWheel::Clock::now()) / 2;
  const auto steps = static_cast<std::size_t>(std::max(half / kDrainStep, std::int64_t{1}));
  const std::size_t closes = std::max(kClosesAStep, open_of_loop[index] / steps + 1);
  // Counted from accept on, so that a connection on its way to this loop is waited for too.
  while (open_of_loop[index] != 0) {
    const bool force = aborting || TimerWheel::Clock::now() >= deadline;
    std::size_t left = closes;
    for (Connection& connection : loop.connections()) {
      if (force) {
        connection.abort();
      } else if (connection.drain() && --left == 0) {
        break;
      }
    }
    pause.expires_after(kDrainStep);
    co_await pause.async_wait(kAwait);
  }
}

}  // namespace izpo::transport
