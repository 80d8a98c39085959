#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "api/http_types.hpp"
#include "base/task.hpp"
#include "ports/clock.hpp"
#include "transport/loops.hpp"
#include "transport/options.hpp"

namespace izpo::transport {

// Listens, and serves HTTP/1.1 and WebSocket on the given loops until it is drained.
//
// Life: construct → start() → drain() → (loops.stop()) → destroy. Everything it was given must outlive it,
// and it must have been drained, or never started, when it is destroyed.
class Server {
 public:
  // Binds and listens, so that a client's connection waits for start(). Throws std::system_error when the
  // address cannot be had, std::invalid_argument when it is none.
  Server(Loops& loops, api::Application& application, const Clock& clock, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;  // open now; from any thread

  // Begins to accept.
  void start();

  // Stops: accepts no more, ends idle connections, lets requests under way be answered, closes WebSockets
  // with 1012, not all at once, and spreads their return by Limits::returns_per_second. What has not ended
  // after `deadline` is cut. Returns when all has ended, handlers included. From any loop; once.
  Task<> drain(std::chrono::milliseconds deadline);

  // Makes a drain that is under way cut everything at once. From any thread.
  void abort();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace izpo::transport
