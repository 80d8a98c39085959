#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace izpo {

// A point in time, UTC, in microseconds: what the database stores and the wire shows.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

constexpr std::int64_t to_micros(Timestamp time) {
  return time.time_since_epoch().count();
}
constexpr Timestamp from_micros(std::int64_t micros) {
  return Timestamp(std::chrono::microseconds(micros));
}

// As the wire shows it: 2025-09-23T18:25:43.511000Z (ISO 8601, UTC, always six decimals).
std::string iso8601(Timestamp time);
void append_iso8601(std::string& out, Timestamp time);

}  // namespace izpo
