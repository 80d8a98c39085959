#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "adapters/postgres/address.hpp"
#include "base/result.hpp"

namespace izpo::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

// Makes a connection, in pipeline mode and non-blocking. Blocks: names are looked up, TLS and passwords cost
// time. Gives up after `patience`, for all hosts together, or soon after `stopping` is true. Fails with
// kStorageUnavailable; its detail is a line for the operator.
Result<Handle> connect(const Address& address, std::chrono::milliseconds patience,
                       const std::atomic<bool>& stopping);

}  // namespace izpo::postgres
