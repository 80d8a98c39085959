#include "base/timer_wheel.hpp"

#include <algorithm>

namespace izpo {

namespace {
constexpr std::size_t kSlots = 256;
}

TimerWheel::TimerWheel(std::chrono::milliseconds tick, Clock::time_point now)
    : tick_(tick), start_(now), slots_(kSlots) {}

void TimerWheel::arm(Timer& timer, std::chrono::milliseconds after) {
  timer.unlink();
  // One tick more than it takes: part of the current one has gone by already.
  timer.due_ = now_ + 1 + static_cast<std::uint64_t>((after + tick_ - std::chrono::milliseconds(1)) / tick_);
  slots_[timer.due_ % kSlots].push_back(timer);
}

void TimerWheel::advance(Clock::time_point now) {
  const auto target = static_cast<std::uint64_t>((now - start_) / tick_);
  if (target <= now_) return;
  const std::uint64_t steps = std::min<std::uint64_t>(target - now_, kSlots);
  const std::uint64_t first = target - steps + 1;
  now_ = target;
  Slot due;
  for (std::uint64_t step = first; step <= target; ++step) {
    Slot& slot = slots_[step % kSlots];
    for (auto timer = slot.begin(); timer != slot.end();) {
      Timer& candidate = *timer++;
      if (candidate.due_ > target) continue;
      candidate.unlink();
      due.push_back(candidate);
    }
  }
  while (!due.empty()) {
    Timer& timer = due.front();
    due.pop_front();
    timer.expired();
  }
}

}  // namespace izpo
