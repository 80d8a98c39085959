#pragma once

#include <chrono>
#include <cstddef>

namespace izpo::realtime {

// What Presence waits for, and when it tells less.
struct PresenceRules {
  using Duration = std::chrono::milliseconds;

  Duration grace = std::chrono::seconds(5);  // from a user's last socket to user_left; 0: at once

  // A room of so many people is told of each who comes or goes; a larger one every `batch` of all at once;
  // one too large for a whole list (kOnlineShown) gets a fresh list every `summary` instead,
  // and less often by as much as it has more than `summed_at_once`, so that it costs no more for each who
  // comes.
  std::size_t told_singly = 100;
  Duration batch = std::chrono::seconds(1);
  Duration summary = std::chrono::seconds(3);
  std::size_t summed_at_once = 3000;

  Duration typing_ends = std::chrono::seconds(6);     // after the last typing:true
  Duration typing_renewed = std::chrono::seconds(3);  // at least, between two typing:true that change nothing
  Duration typing_again = std::chrono::seconds(1);    // at least, from one typing:true to the next beginning
};

}  // namespace izpo::realtime
