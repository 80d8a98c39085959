#include "realtime/linked_frames.hpp"

#include <algorithm>

#include "realtime/events.hpp"

namespace izpo::realtime {

SharedEvent LinkedFrames::of(const std::string& base_url) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(made_, base_url, &std::pair<std::string, SharedEvent>::first);
  if (found != made_.end()) return found->second;
  SharedEvent frame = text_frame(events::message(message_, sender_, with_link(file_, links_, base_url)));
  if (made_.size() < kMostRemembered) made_.emplace_back(base_url, frame);
  return frame;
}

}  // namespace izpo::realtime
