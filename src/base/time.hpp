#pragma once

#include <chrono>
#include <cstdint>

namespace izpo {

// A point in time, UTC, in microseconds: what the database stores and the wire shows.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

constexpr std::int64_t to_micros(Timestamp time) {
  return time.time_since_epoch().count();
}
constexpr Timestamp from_micros(std::int64_t micros) {
  return Timestamp(std::chrono::microseconds(micros));
}

}  // namespace izpo
