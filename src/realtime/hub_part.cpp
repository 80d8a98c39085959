#include "realtime/hub_part.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>

namespace izpo::realtime {
namespace {

constexpr std::string_view kLoginEnded = "login ended";

constexpr std::size_t kMostJoined = 64;  // events: a frame of a large batch would not fit an outbox

// Null where there is nothing to join, for what is not to be kept, and where sockets get frames of their own.
SharedEvent joined(std::span<const RoomEvent> events) {
  const auto is_joinable = [](const RoomEvent& event) {
    return event.urgency() == Urgency::kKept && !event.linked;
  };
  if (events.size() == 1 || !std::ranges::all_of(events, is_joinable)) return nullptr;
  const auto frames = events | std::views::transform(&RoomEvent::frame);
  return std::make_shared<const EncodedEvent>(std::vector<SharedEvent>(frames.begin(), frames.end()));
}

}  // namespace

void Listener::offer(std::span<const RoomEvent> events, const SharedEvent& together) {
  if (together && live_ && events.front().follows == sent_) {
    sent_ = events.back().seq;
    socket_.send(together, Urgency::kKept);
    return;
  }
  for (const auto& event : events) offer(event);
}

void Listener::offer(const RoomEvent& event) {
  if (event.except == user_) return;
  if (live_) return pass_on(event);
  if (held_.size() < Subscription::kMaxHeld) {
    held_.push_back(event);
  } else if (event.urgency() == Urgency::kKept) {
    overflowed_ = true;
  }
}

void Listener::pass_on(const RoomEvent& event) {
  if (event.urgency() == Urgency::kKept) {
    // Sent before, or the numbers between are still to come.
    if (event.seq <= sent_ || event.follows > sent_) return;
    sent_ = event.seq;
  }
  socket_.send(event.linked ? event.linked->of(seat_.client->base_url) : event.frame, event.urgency());
}

bool Listener::go_live(Seq sent) {
  sent_ = std::max(sent_, sent);
  if (overflowed_) {
    // The messages that were let go are in the store; what is held from now on follows them.
    overflowed_ = false;
    std::erase_if(held_, [](const RoomEvent& event) { return event.urgency() == Urgency::kKept; });
    return false;
  }
  live_ = true;
  for (const auto& event : std::exchange(held_, {})) pass_on(event);
  return true;
}

void HubPart::add(Listener& listener) {
  auto& room = rooms_[listener.seat_.room];
  listener.place_ = room.size();
  room.push_back(&listener);
  sockets_.fetch_add(1);
}

void HubPart::remove(Listener& listener) {
  const auto found = rooms_.find(listener.seat_.room);
  auto& room = found->second;
  room[listener.place_] = room.back();
  room[listener.place_]->place_ = listener.place_;
  room.pop_back();
  if (room.empty()) rooms_.erase(found);
  sockets_.fetch_sub(1);
}

void HubPart::add(const Attendee& attendee) {
  people_.emplace(attendee.user, &attendee);
  sockets_.fetch_add(1);
}

void HubPart::remove(const Attendee& attendee) {
  const auto [first, last] = people_.equal_range(attendee.user);
  people_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == &attendee; }));
  sockets_.fetch_sub(1);
}

void HubPart::fan_out(std::span<const RoomEvent> events) {
  while (!events.empty()) {
    const auto in_room = [room = events.front().room](const RoomEvent& event) { return event.room == room; };
    const auto end = std::ranges::find_if_not(events.first(std::min(events.size(), kMostJoined)), in_room);
    const auto count = static_cast<std::size_t>(end - events.begin());
    if (const auto room = rooms_.find(events.front().room); room != rooms_.end()) {
      fan_out(events.first(count), room->second);
    }
    events = events.subspan(count);
  }
}

void HubPart::fan_out(std::span<const RoomEvent> events, const std::vector<Listener*>& listeners) {
  const SharedEvent together = joined(events);
  for (auto* listener : listeners) listener->offer(events, together);
}

void HubPart::tell_user(UserId user, const SharedEvent& event) {
  const auto [first, last] = people_.equal_range(user);
  for (auto entry = first; entry != last; ++entry) entry->second->socket.send(event, Urgency::kKept);
}

void HubPart::tell_people(const std::vector<UserId>& people, const SharedEvent& event) {
  for (const auto& [user, attendee] : people_) {
    if (std::ranges::binary_search(people, user)) attendee->socket.send(event, Urgency::kKept);
  }
}

void HubPart::tell_followers(RoomId room, const std::function<bool(const Seat&)>& chosen,
                             const SharedEvent& event) {
  for (auto* listener : chosen_in(room, chosen)) {
    if (listener->seat_.holder != nullptr) listener->socket_.send(event, Urgency::kKept);
  }
}

void HubPart::unseat(RoomId room, const std::function<bool(const Seat&)>& chosen, CloseCode code,
                     std::string_view reason) {
  for (auto* listener : chosen_in(room, chosen)) {
    if (listener->seat_.holder != nullptr) {
      listener->seat_.holder->unseated(room);
    } else {
      listener->socket_.close(code, reason);
    }
  }
}

void HubPart::admit(RoomId room, UserId user) {
  for (auto* listener : chosen_in(room, [user](const Seat& seat) { return seat.client->user.id == user; })) {
    if (listener->seat_.holder != nullptr) listener->seat_.holder->admitted(room);
  }
}

// A copy, since a holder may leave the room's list when it is told.
std::vector<Listener*> HubPart::chosen_in(RoomId room, const std::function<bool(const Seat&)>& chosen) const {
  std::vector<Listener*> result;
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return result;
  std::ranges::copy_if(found->second, std::back_inserter(result),
                       [&](const Listener* listener) { return chosen(listener->seat_); });
  return result;
}

void HubPart::close_session(SessionId session) {
  for (const auto& [room, listeners] : rooms_) {
    for (auto* listener : listeners) {
      if (listener->seat_.client->session == session)
        listener->socket_.close(CloseCode::kLoginEnded, kLoginEnded);
    }
  }
  for (const auto& [user, attendee] : people_) {
    if (attendee->session == session) attendee->socket.close(CloseCode::kLoginEnded, kLoginEnded);
  }
}

}  // namespace izpo::realtime
