#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace izpo::transport {

// What one client may take. Each is measured against one connection unless it says otherwise.
struct Limits {
  std::size_t connections = 10'000;          // of the whole server; more are answered 503
  std::size_t head_bytes = 32UZ * 1024;      // request line and fields
  std::size_t target_bytes = 8UZ * 1024;     // path and query
  std::size_t fields = 100;                  // header fields
  std::size_t drained_body = 64UZ * 1024;    // of a body nobody read, to keep the connection
  std::size_t message_bytes = 128UZ * 1024;  // one WebSocket message
  std::size_t outbox_bytes = 1024UZ * 1024;  // one WebSocket's unsent frames
  std::size_t returns_per_second = 500;      // of clients, all told, after a restart
};

// How long a client may take. They pass up to two ticks of the loops late.
struct Timeouts {
  using Duration = std::chrono::milliseconds;

  Duration head = std::chrono::seconds(10);       // from its first byte (or the connection) to its end
  Duration idle = std::chrono::seconds(75);       // between two requests
  Duration stall = std::chrono::seconds(30);      // for 4 KiB of a body, or of an answer
  Duration linger = std::chrono::seconds(2);      // for the client to end after the last answer
  Duration close = std::chrono::seconds(5);       // for the WebSocket close handshake
  Duration heartbeat = std::chrono::seconds(25);  // between pings, give or take a tenth; two unanswered close
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, numeric
  std::uint16_t port = 0;             // 0: any free one
  Limits limits;
  Timeouts timeouts;
  bool compression = false;  // whether WebSockets may agree on permessage-deflate (RFC 7692)
};

}  // namespace izpo::transport
