#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http_types.hpp"
#include "base/task.hpp"
#include "transport/http_connection.hpp"
#include "transport/loop.hpp"
#include "transport/serving.hpp"
#include "transport/tcp_stream.hpp"

namespace izpo::transport {

class RequestBody;
class RequestParser;

// A connection that has become a WebSocket.
struct Upgrade {
  TcpStream stream;
  std::unique_ptr<realtime::SocketHandler> handler;
  std::string unread;  // what came after the request
  bool compression;    // permessage-deflate was agreed on
};

// One HTTP/1.1 connection: requests in order, each answered before the next is read.
class HttpSession {
 public:
  HttpSession(Loop& loop, const Serving& serving, TcpStream stream, std::string peer);

  // Serves until the connection has ended (nullopt) or is upgraded; the session is done with then.
  Task<std::optional<Upgrade>> run();

 private:
  enum class Next : std::uint8_t { kNextRequest, kLinger, kEnd, kUpgrade };

  Task<Next> serve_one();

  // The size of the head that the input begins with; nullopt: the client left without one. Fails with
  // kMalformedRequest, kHeadersTooLarge, kRequestTimeout.
  Task<Result<std::optional<std::size_t>>> read_head();
  Task<api::Response> handle(api::Request& request);
  Task<Next> refuse(Error error, const api::Request& request);
  Task<Next> upgrade(const api::Request& request, api::Response response);
  Task<bool> answer(const api::Request& request, const api::Response& response, std::string_view connection);
  std::string request_id(const api::Request& request);

  Loop& loop_;
  const Serving& serving_;
  HttpConnection connection_;
  std::string peer_;
  std::optional<Upgrade> upgrade_;
  bool served_ = false;  // a request at least
};

// The field X-Request-ID of a request that has none of its own.
std::string make_request_id(Loop& loop);

}  // namespace izpo::transport
