#include "app/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>

namespace izpo::app {
namespace {

constexpr std::chrono::milliseconds kAtTerminal{200};
constexpr std::chrono::seconds kElsewhere{10};

// Set by the signal's handler, on any thread, and read on others.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note_signal(int /*number*/) {
  interrupted = true;
}

}  // namespace

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1) {
  next_ = std::chrono::steady_clock::now() + (terminal_ ? kAtTerminal : kElsewhere);
}

Progress::~Progress() {
  if (open_) fmt::print(stderr, "\n");
}

void Progress::show(std::string_view text) {
  if (!is_due()) return;
  if (terminal_) {
    fmt::print(stderr, "\r{}\x1b[K", text);
    open_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
  next_ = std::chrono::steady_clock::now() + (terminal_ ? kAtTerminal : kElsewhere);
}

void Progress::note(std::string_view text) {
  fmt::print(stderr, "{}{}{}\n", open_ ? "\r" : "", text, open_ ? "\x1b[K" : "");
  open_ = false;
}

std::string size_text(std::int64_t bytes) {
  static constexpr std::array<std::string_view, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  return fmt::format("{:.1f} {}", amount, kUnits.at(unit));
}

void note_interrupts() {
  struct sigaction action{};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

bool is_interrupted() {
  return interrupted;
}

}  // namespace izpo::app
