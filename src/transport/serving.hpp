#pragma once

#include <atomic>

#include "api/http_types.hpp"
#include "ports/clock.hpp"
#include "transport/options.hpp"

namespace izpo::transport {

// What every connection of a server shares.
struct Serving {
  api::Application& application;
  const Clock& clock;
  const Limits limits;
  const Timeouts timeouts;
  std::atomic<bool> draining = false;  // no connection has a further request
};

}  // namespace izpo::transport
