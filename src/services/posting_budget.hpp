#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>

#include "base/result.hpp"
#include "domain/ids.hpp"
#include "ports/clock.hpp"
#include "services/recent_map.hpp"

namespace izpo::services {

struct PostingRules {
  int per_second = 20;  // 0: no limit
  int burst = 60;       // after a pause, at once

  // How many users' budgets are remembered; about 100 bytes apiece. Who is forgotten has a whole one.
  std::size_t remembered = 100'000;
};

// How many messages a user may write, on all sockets and over REST together: a token bucket. In memory only.
// Thread-safe.
class PostingBudget {
 public:
  PostingBudget(PostingRules rules, const Clock& clock)
      : rules_(rules), clock_(clock), whole_at_(rules.remembered) {}

  // One message. Fails with kRateLimited and when to try again; that costs nothing.
  Result<void> take(UserId user);

 private:
  const PostingRules rules_;
  const Clock& clock_;

  std::mutex mutex_;
  // The moment at which a budget is whole again; the past is whole (the "theoretical arrival time" of GCRA,
  // ITU-T I.371).
  RecentMap<UserId, Timestamp> whole_at_;  // under mutex_
};

}  // namespace izpo::services
