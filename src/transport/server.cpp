#include "transport/server.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "base/task_group.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"
#include "transport/http_session.hpp"
#include "transport/listener.hpp"
#include "transport/loop.hpp"
#include "transport/response_head.hpp"
#include "transport/serving.hpp"
#include "transport/websocket_session.hpp"

namespace izpo::transport {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;
using Now = TimerWheel::Clock;

constexpr milliseconds kDrainStep(20);     // between two looks at what is left
constexpr std::size_t kClosesAStep = 100;  // WebSockets of a loop closed together in a drain

std::string text_of(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

Task<> nothing() {
  co_return;
}

}  // namespace

struct Server::State {
  State(Loops& all_loops, api::Application& application, const Clock& clock, const ServerOptions& options)
      : loops(all_loops),
        serving{.application = application,
                .clock = clock,
                .limits = options.limits,
                .timeouts = options.timeouts,
                .compression = options.compression},
        listener(loops.at(0).executor(), options),
        open_of_loop(loops.size()) {}

  void take(OwnedSocket socket, const Listener::Endpoint& peer);
  void refuse(const OwnedSocket& socket);
  std::size_t least_loaded() const;
  void adopt(std::size_t index, OwnedSocket socket, const Listener::Endpoint& peer, Place place);
  Task<> serve(Loop& loop, TcpStream stream, std::string peer, Place place);
  Task<> stop_accepting();
  Task<> drain_loop(std::size_t index, Now::time_point deadline, milliseconds returns);

  Loops& loops;
  Serving serving;
  Listener listener;  // on loop 0
  std::atomic<std::size_t> open = 0;
  std::vector<std::atomic<std::size_t>> open_of_loop;
  std::atomic<bool> aborting = false;
  TaskGroup accepting;
  TaskGroup connections;
};

Server::Server(Loops& loops, api::Application& application, const Clock& clock, const ServerOptions& options)
    : state_(std::make_unique<State>(loops, application, clock, options)) {}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->listener.port();
}

std::size_t Server::connections() const {
  return state_->open;
}

void Server::start() {
  State& state = *state_;
  state.accepting.spawn(
      state.loops.at(0).executor(), "accept",
      state.listener.accept_all([&state](OwnedSocket socket, const Listener::Endpoint& peer) {
        state.take(std::move(socket), peer);
      }));
}

void Server::abort() {
  state_->aborting = true;
}

// On loop 0.
void Server::State::take(OwnedSocket socket, const Listener::Endpoint& peer) {
  if (open >= serving.limits.connections) {
    refuse(socket);
    return;
  }
  const std::size_t index = least_loaded();
  asio::post(loops.at(index).executor(), [this, index, socket = std::move(socket), peer,
                                          place = Place(open, open_of_loop[index])]() mutable {
    adopt(index, std::move(socket), peer, std::move(place));
  });
}

// Says 503 without reading the request, since reading takes what there is too little of.
void Server::State::refuse(const OwnedSocket& socket) {
  Loop& loop = loops.at(0);
  api::Request unread;
  unread.request_id = make_request_id(loop);
  const api::Response response = serving.application.refuse(reason::kOverloaded, unread);
  ResponseFrame frame;
  frame.date = loop.http_date(serving.clock.now());
  frame.request_id = unread.request_id;
  frame.content_length = response.body.size();
  frame.connection = "close";
  const std::string bytes = response_head(response, frame) + response.body;
  ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ::shutdown(socket.get(), SHUT_WR);
  // What has come already would make the close a reset, which could overtake the answer.
  std::array<char, 4096> ignored;
  while (::recv(socket.get(), ignored.data(), ignored.size(), 0) > 0) {
  }
}

std::size_t Server::State::least_loaded() const {
  const auto least =
      std::ranges::min_element(open_of_loop, {}, [](const auto& count) { return count.load(); });
  return static_cast<std::size_t>(least - open_of_loop.begin());
}

// On the connection's own loop.
void Server::State::adopt(std::size_t index, OwnedSocket socket, const Listener::Endpoint& peer,
                          Place place) {
  Loop& loop = loops.at(index);
  constexpr int kOn = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  TcpStream stream(TcpStream::Socket(loop.executor(), peer.protocol(), socket.get()));
  socket.release();
  connections.spawn(loop.executor(), "connection",
                    serve(loop, std::move(stream), text_of(peer.address()), std::move(place)));
}

Task<> Server::State::serve(Loop& loop, TcpStream stream, std::string peer, Place place) {
  HttpSession session(loop, serving, std::move(stream), std::move(peer));
  auto upgrade = co_await session.run();
  if (!upgrade) co_return;
  // A coroutine of its own, so that all of this one is freed: most WebSockets are idle and long. Asio keeps
  // the frames of coroutines that ended for the next ones that fit into them; these two take what it has
  // kept, or an idle socket would live in the frame of a whole request, two or three times as large as its
  // own.
  const std::array kept{nothing(), nothing()};
  auto socket = std::make_shared<WebSocketSession>(loop, serving, *std::move(upgrade), std::move(place));
  connections.spawn(loop.executor(), "websocket", WebSocketSession::run(std::move(socket)));
}

Task<> Server::drain(milliseconds deadline) {
  State& state = *state_;
  const auto end = Now::now() + deadline;
  state.serving.draining = true;
  TaskGroup steps;
  steps.spawn(state.loops.at(0).executor(), "stop accepting", state.stop_accepting());
  co_await steps.wait();
  co_await state.accepting.wait();
  const milliseconds returns(
      static_cast<std::int64_t>(1000 * state.open / state.serving.limits.returns_per_second));
  for (std::size_t i = 0; i < state.loops.size(); ++i) {
    steps.spawn(state.loops.at(i).executor(), "drain", state.drain_loop(i, end, returns));
  }
  co_await steps.wait();
  co_await state.connections.wait();
}

Task<> Server::State::stop_accepting() {
  // Who waits to be accepted has been told that the connection stands: the request is answered too.
  listener.accept_waiting(
      [this](OwnedSocket socket, const Listener::Endpoint& peer) { take(std::move(socket), peer); });
  listener.close();
  co_return;
}

Task<> Server::State::drain_loop(std::size_t index, Now::time_point deadline, milliseconds returns) {
  Loop& loop = loops.at(index);
  asio::basic_waitable_timer<Now, asio::wait_traits<Now>, Executor> pause(loop.executor());
  // WebSockets are told in the first half of the time at the latest: the rest is for their handshakes.
  const auto half = std::chrono::duration_cast<milliseconds>(deadline - Now::now()) / 2;
  const auto steps = static_cast<std::size_t>(std::max(half / kDrainStep, std::int64_t{1}));
  const std::size_t closes = std::max(kClosesAStep, open_of_loop[index] / steps + 1);
  // Counted from accept on, so that a connection on its way to this loop is waited for too.
  while (open_of_loop[index] != 0) {
    const bool force = aborting || Now::now() >= deadline;
    std::size_t left = closes;
    for (Connection& connection : loop.connections()) {
      if (force) {
        connection.abort();
      } else if (connection.drain(returns) && --left == 0) {
        break;
      }
    }
    pause.expires_after(kDrainStep);
    co_await pause.async_wait(kAwait);
  }
}

}  // namespace izpo::transport
