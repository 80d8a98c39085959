#include "realtime/presence.hpp"

#include <algorithm>
#include <utility>

#include "realtime/events.hpp"

namespace izpo::realtime {
namespace {

constexpr std::chrono::milliseconds kWheelTick(100);

// Where a whole list would be too large (kOnlineShown), no more people begin to be shown typing than one in
// this time: in a room of thousands somebody always types, and each notice goes to thousands.
constexpr std::chrono::milliseconds kTypingApart(500);

}  // namespace

Presence::Presence(PresenceRules rules, const Clock& clock, TimerWheel::Clock::time_point now, Tell tell)
    : rules_(rules), clock_(clock), tell_(std::move(tell)), now_(now), wheel_(kWheelTick, now) {}

Presence::~Presence() = default;

Presence::Entrance Presence::enter(RoomId room_id, const SharedCard& user) {
  const std::lock_guard lock(mutex_);
  const Ticket ticket = ++last_ticket_;
  Room& room = rooms_.try_emplace(room_id, *this, room_id).first->second;
  const auto [found, is_new] = room.people.try_emplace(user->id, room, user, ticket);
  Room::Person& person = found->second;
  ++person.sockets;
  person.disarm();
  person.user = user;
  if (is_new) changed(room, *user, Change::kJoined);
  return {ticket, list_of(room)};
}

void Presence::leave(RoomId room_id, UserId user, Ticket ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room_id);
  if (found == rooms_.end()) return;
  Room& room = found->second;
  const auto person = room.people.find(user);
  if (person == room.people.end() || ticket < person->second.first) return;
  if (const auto typist = room.typists.find(user);
      typist != room.typists.end() && typist->second.socket == ticket) {
    typist->second.typing_until = now_;
    tell_typing(typist->second);
  }
  if (--person->second.sockets > 0) return;
  if (rules_.grace.count() == 0) return gone(room, user);
  wheel_.arm(person->second, rules_.grace);
}

void Presence::remove(RoomId room_id, UserId user) {
  const std::lock_guard lock(mutex_);
  const auto room = rooms_.find(room_id);
  if (room != rooms_.end() && room->second.people.contains(user)) gone(room->second, user);
}

void Presence::remove_room(RoomId room) {
  const std::lock_guard lock(mutex_);
  rooms_.erase(room);
}

void Presence::typing(RoomId room_id, UserId user, Ticket ticket, bool is_typing) {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room_id);
  if (found == rooms_.end()) return;
  Room& room = found->second;
  const auto person = room.people.find(user);
  if (person == room.people.end() || ticket < person->second.first) return;
  auto typist = room.typists.find(user);
  if (typist == room.typists.end()) {
    if (!is_typing) return;
    typist = room.typists.try_emplace(user, room, *person->second.user).first;
  }
  typist->second.socket = ticket;
  typist->second.typing_until = is_typing ? now_ + rules_.typing_ends : now_;
  tell_typing(typist->second);
}

OnlineList Presence::shown(RoomId room) const {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? OnlineList{} : list_of(found->second);
}

std::vector<UserCard> Presence::online(RoomId room) const {
  std::vector<UserCard> cards;
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return cards;
  cards.reserve(found->second.people.size());
  for (const auto& [id, person] : found->second.people) cards.push_back(*person.user);
  return cards;
}

void Presence::advance(TimerWheel::Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
  wheel_.advance(now);
}

void Presence::gone(Room& room, UserId user) {
  if (const auto typist = room.typists.extract(user)) {
    typist.mapped().typing_until = now_;
    tell_typing(typist.mapped());
  }
  const auto person = room.people.extract(user);
  changed(room, *person.mapped().user, Change::kLeft);
  forget_if_empty(room);
}

void Presence::changed(Room& room, const UserCard& user, Change change) {
  // What is untold already goes first, also when the room has become small meanwhile.
  if (room.untold.empty() && room.people.size() <= rules_.told_singly) {
    return tell_(room.id, {notice(room, {user, change})});
  }
  if (room.people.size() > kOnlineShown) room.cut = true;
  const auto [untold, is_new] = room.untold.try_emplace(user.id, user, change);
  if (!is_new && untold->second.change != change) room.untold.erase(untold);
  if (!room.armed()) wheel_.arm(room, batch_of(room));
}

PresenceRules::Duration Presence::batch_of(const Room& room) const {
  const auto people = room.people.size();
  if (people <= kOnlineShown) return rules_.batch;
  return rules_.summary *
         std::max<std::int64_t>(1, static_cast<std::int64_t>(people / rules_.summed_at_once));
}

void Presence::tell_batch(Room& room) {
  std::vector<Notice> notices;
  const bool too_large = room.people.size() > kOnlineShown;
  if (room.untold.empty()) {
    // Who came has gone again, or the other way round.
  } else if (too_large || room.cut) {
    notices.push_back({events::users_online(room.id, list_of(room), clock_.now()), UserId(0)});
    room.cut = too_large;
  } else {
    notices.reserve(room.untold.size());
    for (const auto& [id, untold] : room.untold) notices.push_back(notice(room, untold));
  }
  room.untold.clear();
  if (!notices.empty()) tell_(room.id, notices);
  forget_if_empty(room);
}

// Brings what the others know up to what is so, as far as they may be told now, and sets the time to look
// again.
void Presence::tell_typing(Room::Typist& typist) {
  const bool is_typing = typist.typing_until > now_;
  if (is_typing ? may_be_told(typist) : typist.shown) {
    if (is_typing && !typist.shown) typist.room.next_typist = now_ + kTypingApart;
    typist.shown = is_typing;
    if (is_typing) typist.last_told_true = now_;
    tell_(typist.room.id,
          {{events::typing(typist.room.id, typist.user, is_typing, clock_.now()), typist.user.id}});
  }
  const auto next = typist.shown ? typist.typing_until : typist.last_told_true + rules_.typing_again;
  wheel_.arm(typist, std::chrono::ceil<std::chrono::milliseconds>(std::max(next, now_) - now_));
}

bool Presence::may_be_told(const Room::Typist& typist) const {
  const auto told_ago = now_ - typist.last_told_true;
  if (typist.shown) return told_ago >= rules_.typing_renewed;
  const bool has_turn = typist.room.people.size() <= kOnlineShown || now_ >= typist.room.next_typist;
  return has_turn && told_ago >= rules_.typing_again;
}

void Presence::look_after(Room::Typist& typist) {
  if (typist.shown || typist.typing_until > now_) return tell_typing(typist);
  const UserId user = typist.user.id;
  typist.room.typists.erase(user);
}

void Presence::forget_if_empty(Room& room) {
  const RoomId id = room.id;
  if (room.forgettable()) rooms_.erase(id);
}

Presence::Notice Presence::notice(const Room& room, const Untold& untold) const {
  const auto event = untold.change == Change::kJoined ? events::user_joined : events::user_left;
  return {event(room.id, untold.user, clock_.now()), untold.user.id};
}

OnlineList Presence::list_of(const Room& room) {
  OnlineList list{.shown = {}, .count = room.people.size()};
  list.shown.reserve(std::min(list.count, kOnlineShown));
  for (const auto& [id, person] : room.people) {
    if (list.shown.size() == kOnlineShown) break;
    list.shown.push_back(id);
  }
  return list;
}

}  // namespace izpo::realtime
