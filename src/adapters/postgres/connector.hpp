#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <expected>
#include <memory>
#include <string>

#include "adapters/postgres/address.hpp"
#include "adapters/postgres/endpoints.hpp"
#include "base/result.hpp"

namespace izpo::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

// Makes the connections to one address. Thread-safe.
class Connector {
 public:
  explicit Connector(Address address) : address_(std::move(address)) {}

  const Address& address() const { return address_; }

  // A connection in pipeline mode, non-blocking, to the first endpoint that has one, beginning with the one
  // that had the last. Each has an equal share of the patience that is left, so that one that is silent does
  // not keep the others from being asked, and no more than the address's connect_timeout. Blocks: names are
  // looked up, TLS and passwords cost time. Gives up after `patience`, or soon after `stopping` is true.
  // Fails with kStorageUnavailable; its detail is a line for the operator.
  Result<Handle> connect(std::chrono::milliseconds patience, const std::atomic<bool>& stopping);

 private:
  using Clock = std::chrono::steady_clock;
  // A connection, or libpq's message.
  using Attempt = std::expected<Handle, std::string>;

  Handle begin(const Endpoint& endpoint) const;
  Attempt try_endpoint(const Endpoint& endpoint, Clock::time_point deadline,
                       const std::atomic<bool>& stopping) const;
  Attempt try_all(Clock::time_point deadline, const std::atomic<bool>& stopping);
  Clock::time_point share_of(Clock::time_point deadline, std::size_t endpoints_left) const;
  bool drop_options(std::string_view message);

  const Address address_;
  std::atomic<std::size_t> first_ = 0;       // the endpoint that had the last connection
  std::atomic<bool> drops_options_ = false;  // a pooler refused them
};

}  // namespace izpo::postgres
