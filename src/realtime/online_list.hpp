#pragma once

#include <cstddef>
#include <vector>

#include "domain/ids.hpp"

namespace izpo::realtime {

inline constexpr std::size_t kOnlineShown = 500;  // at most so many are named; the count stays true

// Who is online in a room, as a client is shown it.
struct OnlineList {
  std::vector<UserId> shown;  // the lowest ids, ascending
  std::size_t count = 0;      // of all
};

}  // namespace izpo::realtime
