#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/text.hpp"
#include "ports/blobs.hpp"
#include "realtime/socket.hpp"

// HTTP as the operations see it: no Beast, no sockets. transport/ fills a Request and writes a Response.
namespace izpo::api {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

// Header fields in the order they came; names compare without case (RFC 9110 §5.1).
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);                 // replaces every field of that name
  std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The body of a request, pulled by the operation when it wants it: nothing is read, and `100 Continue` not
// sent, before the first read. Valid while the request is being handled.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // The declared Content-Length; nullopt when chunked.
  virtual std::optional<std::uint64_t> declared_size() const = 0;

  // Fills up to buffer.size() bytes and returns how many; 0 is the end. Fails with kMalformedRequest (broken
  // chunking, the client vanished) or kRequestTimeout (the client stalled).
  virtual Task<Result<std::size_t>> read(std::span<char> buffer) = 0;

  // As read(), but does not wait; also on another thread while the operation waits for that one. 0: nothing
  // is there, or what it is only read() can say.
  virtual std::size_t read_ready(std::span<char> /*buffer*/) { return 0; }
};

struct Request {
  Method method = Method::kGet;
  std::string method_name;  // as sent, for kOther
  std::string target;       // as sent: path, and query after '?', still percent-encoded
  Headers headers;
  std::string peer_address;  // of the client's end of the connection, without port
  bool tls = false;
  bool upgrade_websocket = false;  // a well-formed RFC 6455 §4.2.1 request, version 13, with a good key
  std::string request_id;          // goes through log, error and answer
  BodySource* body = nullptr;      // never null while handled

  // Set by the operation: an unread rest of the body that is no larger is read and dropped after the answer,
  // for clients that send everything before they listen. 0: what transport thinks is worth it.
  std::uint64_t discarded_body = 0;
};

struct Response {
  int status = 200;
  Headers headers;  // without Content-Length, Connection, Date, Server: transport adds those
  std::string body;

  // Set when the body is not `body` but bytes of a blob.
  struct Part {
    std::unique_ptr<BlobReader> blob;
    std::int64_t offset = 0;
    std::int64_t length = 0;
  };
  std::optional<Part> part;

  // Set to accept an upgrade: transport answers 101 and hands the socket to this. `status` and `body` are not
  // used.
  std::unique_ptr<realtime::SocketHandler> socket;
};

// Everything behind the listener: routes, authorisation, errors. handle() never throws and always answers.
class Application {
 public:
  virtual ~Application() = default;
  virtual Task<Response> handle(Request& request) = 0;

  // An answer for a request that could not be parsed (`error` says why), in the language of what was
  // understood.
  virtual Response refuse(const Error& error, const Request& request) = 0;
};

}  // namespace izpo::api
