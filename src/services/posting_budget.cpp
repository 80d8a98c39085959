#include "services/posting_budget.hpp"

#include <algorithm>

#include "domain/reasons.hpp"

namespace izpo::services {

Result<void> PostingBudget::take(UserId user) {
  if (rules_.per_second == 0) return {};
  const std::chrono::microseconds refill =
      std::chrono::microseconds(std::chrono::seconds(1)) / rules_.per_second;
  const auto whole = refill * rules_.burst;
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  Timestamp& whole_at = whole_at_[user];
  // Later than an empty budget takes: the clock was set back, which nobody shall wait for.
  if (whole_at > now + whole) whole_at = now;
  const auto after = std::max(whole_at, now) + refill;
  if (const auto wait = after - (now + whole); wait.count() > 0) {
    Error error(reason::kRateLimited);
    error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
    return fail(std::move(error));
  }
  whole_at = after;
  return {};
}

}  // namespace izpo::services
