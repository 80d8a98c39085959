#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

namespace izpo::bench {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);

// What happened between its construction and report(): wall time, and the CPU time of the server and of this
// process, all threads, to the nanosecond.
class Measurement {
 public:
  explicit Measurement(pid_t server);

  // Prints one line of JSON. `unit` is what `count` counts, "deliveries" say; `latencies`, in seconds, may be
  // empty. When this process was out of CPU and the server was not, it says so: "loader_bound": true.
  void report(std::string_view unit, double count, std::vector<double> latencies) const;

 private:
  pid_t server_;
  Clock::time_point start_ = Clock::now();
  double server_cpu_;
  double own_cpu_;
};

}  // namespace izpo::bench
