#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/http_types.hpp"
#include "base/task.hpp"
#include "base/timer_wheel.hpp"
#include "ports/clock.hpp"
#include "transport/input_buffer.hpp"
#include "transport/loop.hpp"
#include "transport/options.hpp"
#include "transport/tcp_stream.hpp"

namespace izpo::transport {

// What every connection of a server shares.
struct Serving {
  api::Application& application;
  const Clock& clock;
  const Limits limits;
  const Timeouts timeouts;
  std::atomic<bool> draining = false;  // no connection has a further request
};

// A connection that has become a WebSocket.
struct Upgrade {
  TcpStream stream;
  std::unique_ptr<realtime::SocketHandler> handler;
  std::string unread;  // what came after the request
};

// One HTTP/1.1 connection: requests in order, each answered before the next is read.
class HttpSession final : private Connection, private TimerWheel::Timer {
 public:
  // In the loop's list until it goes.
  HttpSession(Loop& loop, const Serving& serving, TcpStream stream, std::string peer);

  // Serves until the connection has ended (nullopt) or is upgraded; the session is done with then.
  Task<std::optional<Upgrade>> run();

 private:
  class Body;
  enum class Next : std::uint8_t { kNextRequest, kLinger, kEnd, kUpgrade };
  enum class Got : std::uint8_t { kBytes, kEnd, kTimeout };

  bool drain() override;
  void abort() override;
  void expired() override;

  Task<Next> serve_one();

  // The size of the head that input_ begins with; nullopt: the client left without one. Fails with
  // kMalformedRequest, kHeadersTooLarge, kRequestTimeout.
  Task<Result<std::optional<std::size_t>>> read_head();
  Task<api::Response> handle(api::Request& request);
  Task<Next> refuse(Error error, const api::Request& request);
  Task<Next> upgrade(const api::Request& request, api::Response response);
  Task<bool> answer(const api::Request& request, const api::Response& response, std::string_view connection);
  Task<bool> discard(Body& body);
  Task<> linger();

  Task<Got> receive();  // waits for bytes and appends them to input_; the deadline is the caller's
  Task<bool> send(std::array<std::string_view, 2> pieces);
  std::string request_id(const api::Request& request);

  Loop& loop_;
  const Serving& serving_;
  TcpStream stream_;
  std::string peer_;
  InputBuffer input_;
  std::optional<Upgrade> upgrade_;
  bool between_requests_ = true;
  bool served_ = false;  // a request at least
  bool late_ = false;    // the deadline has passed
  bool aborted_ = false;
};

}  // namespace izpo::transport
