#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "api/http_types.hpp"
#include "transport/http_connection.hpp"
#include "transport/options.hpp"
#include "transport/patience.hpp"
#include "transport/request_parser.hpp"
#include "wire/chunked.hpp"

namespace izpo::transport {

// The body of the request that is being served, read off its connection as it is asked for.
class RequestBody final : public api::BodySource {
 public:
  RequestBody(HttpConnection& connection, const RequestParser& head, const Limits& limits,
              const Timeouts& timeouts);

  std::optional<std::uint64_t> declared_size() const override { return length_; }
  Task<Result<std::size_t>> read(std::span<char> buffer) override;
  std::size_t read_ready(std::span<char> buffer) override;

  // What is worth reading and dropping may be more than the limit says.
  void allow_discarding(std::uint64_t bytes) { largest_discarded_ = std::max(largest_discarded_, bytes); }

  // Whether what is left of it can be read and dropped, to come to the next request: it is not too large, and
  // its end can be found. A client that waits for `100 Continue` may send the body or not, so there is no
  // telling where its next request begins.
  bool discardable() const;

  // Does so. False: it did not work out, and the connection has to go.
  Task<bool> discard();

 private:
  bool ended() const { return length_ ? left_ == 0 : chunks_.done(); }
  Task<Result<std::size_t>> read_some(std::span<char> buffer);
  Result<std::size_t> take(std::span<char> buffer);  // of what has been received
  Task<Result<void>> send_continue();
  Task<Result<void>> receive();
  Task<Result<std::size_t>> receive_into(std::span<char> buffer);  // of one whose length is known
  static Result<void> outcome(HttpConnection::Got got);

  HttpConnection& connection_;
  std::uint64_t largest_discarded_;
  const std::chrono::milliseconds stall_;
  const std::optional<std::uint64_t> length_;  // nullopt: chunked
  std::uint64_t left_;                         // of length_
  wire::ChunkedDecoder chunks_;
  Patience patience_;
  bool awaits_continue_;
  bool broken_ = false;
};

}  // namespace izpo::transport
