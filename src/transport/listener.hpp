#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/task.hpp"
#include "transport/options.hpp"

namespace izpo::transport {

// A socket that is closed unless somebody takes it over.
class OwnedSocket {
 public:
  explicit OwnedSocket(int descriptor) : descriptor_(descriptor) {}
  OwnedSocket(OwnedSocket&& other) noexcept : descriptor_(other.release()) {}
  OwnedSocket& operator=(OwnedSocket&&) = delete;
  ~OwnedSocket();

  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// Accepts for all loops, on one of them: a connection costs it a few microseconds, and unlike with
// SO_REUSEPORT the loops stay even, and no connection is lost with a loop's queue.
class Listener {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;
  using Taker = std::function<void(OwnedSocket, const Endpoint& peer)>;

  // Listens. Throws std::system_error when the address cannot be had, std::invalid_argument when it is none.
  Listener(const Executor& loop, const ServerOptions& options);

  std::uint16_t port() const { return port_; }

  // On its loop: gives every connection that comes to `taker`, non-blocking, until close().
  Task<> accept_all(Taker taker);

  // On its loop: gives those that have connected already to `taker`, and waits for none.
  void accept_waiting(const Taker& taker);

  // On its loop.
  void close();

 private:
  enum class Accepted : std::uint8_t { kOne, kNobody, kCannot };  // kCannot: errno says why
  Accepted accept_one(const Taker& taker);

  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  const std::uint16_t port_;
};

}  // namespace izpo::transport
