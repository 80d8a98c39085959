#include "measurement.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace izpo::bench {
namespace {

constexpr double kBusy = 0.9;  // of a core

// In seconds, of the threads that are still there (proc(5), schedstat).
double cpu_of(pid_t process) {
  double nanoseconds = 0;
  for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process))) {
    std::ifstream file(thread.path() / "schedstat");
    double on_cpu = 0;
    if (file >> on_cpu) nanoseconds += on_cpu;
  }
  return nanoseconds / 1e9;
}

// In microseconds; of sorted seconds.
double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))] * 1e6;
}

}  // namespace

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Measurement::Measurement(pid_t server)
    : server_(server), server_cpu_(cpu_of(server)), own_cpu_(cpu_of(getpid())) {}

void Measurement::report(std::string_view unit, double count, std::vector<double> latencies) const {
  const double wall = seconds_since(start_);
  const double server = cpu_of(server_) - server_cpu_;
  const double own = cpu_of(getpid()) - own_cpu_;
  std::ranges::sort(latencies);
  fmt::print(
      R"({{"unit":"{}","count":{:.0f},"seconds":{:.4f},"per_second":{:.1f},"server_cpu_us_each":{:.4f},)"
      R"("server_cpu_share":{:.3f},"loader_cpu_share":{:.3f},"loader_bound":{},"p50_us":{:.1f},"p99_us":{:.1f}}})"
      "\n",
      unit, count, wall, count / wall, server / count * 1e6, server / wall, own / wall,
      own / wall > kBusy && server / wall < kBusy, percentile(latencies, 0.5), percentile(latencies, 0.99));
  std::fflush(stdout);
}

}  // namespace izpo::bench
