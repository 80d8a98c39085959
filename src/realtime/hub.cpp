#include "realtime/hub.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "realtime/events.hpp"
#include "realtime/hub_part.hpp"
#include "realtime/presence.hpp"

namespace izpo::realtime {
namespace asio = boost::asio;

struct Hub::State {
  State(const Clock& the_clock, const FileLinks& the_links, PresenceRules rules, SocketLimits limits)
      : clock(the_clock),
        links(the_links),
        sockets_of_user(limits.of_user),
        sockets_in_room(limits.in_room),
        presence(rules, the_clock, TimerWheel::Clock::now(),
                 [this](RoomId room, const std::vector<Presence::Notice>& notices) { tell(room, notices); }) {
  }

  const Clock& clock;
  const FileLinks& links;
  Quota<UserId> sockets_of_user;
  Quota<RoomId> sockets_in_room;
  std::vector<std::unique_ptr<HubPart>> parts;  // constant after construction; one a loop
  Presence presence;
  RoomCursors cursors;  // home()'s

  const Executor& home() const { return parts.front()->loop(); }

  HubPart& part_of(const Executor& loop) {
    const auto found = std::ranges::find_if(parts, [&](const auto& part) { return part->loop() == loop; });
    assert(found != parts.end());
    return **found;
  }

  bool nobody_listens() const {
    return std::ranges::all_of(parts, [](const auto& part) { return part->empty(); });
  }

  // Runs `work(part)` on the loop of every part that has sockets.
  template <class Work>
  void on_each_part(const Work& work) {
    for (const auto& part : parts) {
      if (part->empty()) continue;
      asio::post(part->loop(), [part = part.get(), work] { work(*part); });
    }
  }

  void tell(RoomId room, const std::vector<Presence::Notice>& notices) {
    if (nobody_listens()) return;
    auto told = std::make_shared<std::vector<RoomEvent>>();
    told->reserve(notices.size());
    for (const auto& [json, except] : notices) {
      told->push_back({.room = room, .seq = {}, .follows = {}, .frame = text_frame(json), .except = except});
    }
    deliver(std::move(told));
  }

  RoomEvent event_of(const Message& message, const UserCard& sender, const std::optional<File>& file) const;

  // A message that lost its file.
  RoomEvent change_of(const StoredMessage& changed) const;

  void deliver(Delivery delivery) {
    on_each_part([delivery = std::move(delivery)](HubPart& part) { part.fan_out(*delivery); });
  }
};

namespace {

class SeatedSocket final : public Subscription {
 public:
  SeatedSocket(Seat seat, Socket& socket, HubPart& part, Hub::State& hub)
      : listener_(std::move(seat), socket),
        part_(part),
        hub_(hub),
        place_(hub.sockets_in_room.take(listener_.seat().room)) {
    part_.add(listener_);
    moment_ = hub_.cursors.moment();
    at_home([room = room()](RoomCursors& cursors) { cursors.joined(room); });
  }
  SeatedSocket(const SeatedSocket&) = delete;
  SeatedSocket& operator=(const SeatedSocket&) = delete;

  ~SeatedSocket() override {
    part_.remove(listener_);
    at_home([room = room()](RoomCursors& cursors) { cursors.left(room); });
    if (ticket_) hub_.presence.leave(room(), client().user.id, *ticket_);
  }

  OnlineList enter() override {
    auto entrance = hub_.presence.enter(room(), {listener_.seat().client, &client().user});
    ticket_ = entrance.ticket;
    return std::move(entrance).online;
  }

  OnlineList online() const override { return hub_.presence.shown(room()); }

  bool over_limit() const override { return !place_; }

  bool go_live(Seq sent) override {
    if (!listener_.go_live(sent)) return false;
    at_home([room = room(), sent = listener_.sent(), moment = moment_](RoomCursors& cursors) {
      cursors.live(room, sent, moment);
    });
    return true;
  }

  void typing(bool is_typing) override {
    hub_.presence.typing(room(), client().user.id, ticket_.value(), is_typing);
  }

 private:
  RoomId room() const { return listener_.seat().room; }
  const Client& client() const { return *listener_.seat().client; }

  // In the order of the calls.
  template <class Work>
  void at_home(Work work) {
    asio::post(hub_.home(), [&hub = hub_, work] { work(hub.cursors); });
  }

  Listener listener_;
  HubPart& part_;
  Hub::State& hub_;
  std::uint64_t moment_ = 0;
  const std::optional<Quota<RoomId>::Place> place_;
  std::optional<Presence::Ticket> ticket_;  // once entered
};

class SocketOfAllRooms final : public Attendance {
 public:
  SocketOfAllRooms(const Attendee& attendee, HubPart& part) : attendee_(attendee), part_(part) {
    part_.add(attendee_);
  }
  SocketOfAllRooms(const SocketOfAllRooms&) = delete;
  SocketOfAllRooms& operator=(const SocketOfAllRooms&) = delete;
  ~SocketOfAllRooms() override { part_.remove(attendee_); }

 private:
  const Attendee attendee_;
  HubPart& part_;
};

bool everybody(const Seat& /*seat*/) {
  return true;
}

std::vector<UserId> in_order(std::vector<UserId> people) {
  std::ranges::sort(people);
  return people;
}

}  // namespace

Hub::Hub(std::vector<Executor> loops, const Clock& clock, const FileLinks& links, PresenceRules rules,
         SocketLimits limits)
    : state_(std::make_unique<State>(clock, links, rules, limits)) {
  for (auto& loop : loops) state_->parts.push_back(std::make_unique<HubPart>(std::move(loop)));
}

Hub::~Hub() = default;

std::optional<Hub::SocketPlace> Hub::admit(UserId user) {
  return state_->sockets_of_user.take(user);
}

std::unique_ptr<Subscription> Hub::subscribe(Seat seat, Socket& socket) {
  auto& part = state_->part_of(socket.executor());
  return std::make_unique<SeatedSocket>(std::move(seat), socket, part, *state_);
}

std::unique_ptr<Attendance> Hub::attend(UserId user, SessionId session, Socket& socket) {
  return std::make_unique<SocketOfAllRooms>(Attendee{user, session, socket},
                                            state_->part_of(socket.executor()));
}

RoomEvent Hub::State::event_of(const Message& message, const UserCard& sender,
                               const std::optional<File>& file) const {
  RoomEvent event{.room = message.room,
                  .seq = message.seq,
                  .follows = Seq(message.seq.value - 1),
                  .frame = nullptr,
                  .except = {}};
  if (file) {
    event.linked = std::make_shared<LinkedFrames>(message, sender, *file, links);
  } else {
    event.frame = text_frame(events::message(message, sender, file));
  }
  return event;
}

RoomEvent Hub::State::change_of(const StoredMessage& changed) const {
  const auto& message = changed.message;
  const auto event = events::message_updated(message, card_of(changed.sender), std::nullopt, clock.now());
  return {.room = message.room,
          .seq = message.change_seq,
          .follows = Seq(message.change_seq.value - 1),
          .frame = text_frame(event),
          .except = {}};
}

Delivery Hub::encode(std::span<const AppendOutcome> batch) const {
  auto shown = std::make_shared<std::vector<RoomEvent>>();
  if (state_->nobody_listens()) return shown;
  shown->reserve(batch.size());
  for (const auto& outcome : batch) {
    if (!outcome || outcome->repeat) continue;
    shown->push_back(state_->event_of(outcome->message, outcome->sender, outcome->file));
  }
  std::ranges::sort(*shown, {}, [](const RoomEvent& event) { return std::pair(event.room, event.seq); });
  return shown;
}

Delivery Hub::encode_changes(std::span<const StoredMessage> changed) const {
  auto shown = std::make_shared<std::vector<RoomEvent>>();
  if (state_->nobody_listens()) return shown;
  shown->reserve(changed.size());
  for (const auto& each : changed) shown->push_back(state_->change_of(each));
  return shown;
}

void Hub::deliver(Delivery delivery) {
  // What jumps over another process's messages is not for now: whoever fills the gap reads it with them.
  std::shared_ptr<std::vector<RoomEvent>> passed;
  for (auto run = delivery->begin(); run != delivery->end();) {
    // A batch that was run again, after nobody knew its outcome, may itself have gaps.
    auto end = std::next(run);
    while (end != delivery->end() && end->room == run->room && end->follows == std::prev(end)->seq) ++end;
    const bool passes = state_->cursors.pass(run->room, run->follows, std::prev(end)->seq);
    if (!passes && !passed) passed = std::make_shared<std::vector<RoomEvent>>(delivery->begin(), run);
    if (passes && passed) passed->insert(passed->end(), run, end);
    run = end;
  }
  if (passed) delivery = std::move(passed);
  if (!delivery->empty()) state_->deliver(std::move(delivery));
}

RoomCursors& Hub::cursors() {
  return state_->cursors;
}

void Hub::fill(const RoomCursors::Gap& gap, const Replay& read) {
  if (!state_->cursors.filled(gap, read.up_to)) return;
  auto shown = std::make_shared<std::vector<RoomEvent>>();
  shown->reserve(read.messages.size());
  for (const auto& each : read.messages) {
    const auto& [message, sender, file] = each;
    if (message.seq > gap.after) shown->push_back(state_->event_of(message, card_of(sender), file));
    // Also of one that is new: who was ahead of the gap has seen it as it was.
    const bool is_change = message.change_seq > message.seq && message.change_seq <= read.up_to;
    if (is_change && !file) shown->push_back(state_->change_of(each));
  }
  std::ranges::sort(*shown, {}, &RoomEvent::seq);
  Seq follows = gap.after;
  for (RoomEvent& event : *shown) event.follows = std::exchange(follows, event.seq);
  // Numbers that do not appear were overtaken: who has the last event has all.
  if (!shown->empty()) shown->back().seq = read.up_to;
  if (read.more) state_->cursors.exists(gap.room, Seq(read.up_to.value + 1));
  if (!shown->empty()) state_->deliver(std::move(shown));
}

void Hub::advance(std::chrono::steady_clock::time_point now) {
  state_->presence.advance(now);
}

void Hub::member_added(RoomId room, const std::optional<OwnedRoom>& shown, const User& member) {
  if (state_->nobody_listens()) return;
  const auto now = state_->clock.now();
  const auto to_member = text_frame(events::membership_added(room, shown, now));
  const auto to_others = text_frame(events::member_added(room, member, now));
  state_->on_each_part([room, user = member.id, to_member, to_others](HubPart& part) {
    part.tell_user(user, to_member);
    part.admit(room, user);
    part.tell_followers(room, [user](const Seat& seat) { return seat.client->user.id != user; }, to_others);
  });
}

void Hub::close_member(RoomId room, UserId user) {
  state_->presence.remove(room, user);
  if (state_->nobody_listens()) return;
  const auto now = state_->clock.now();
  const auto to_member = text_frame(events::membership_removed(room, now));
  const auto to_others = text_frame(events::member_removed(room, user, now));
  state_->on_each_part([room, user, to_member, to_others](HubPart& part) {
    part.unseat(
        room, [user](const Seat& seat) { return seat.client->user.id == user; }, CloseCode::kRemoved,
        "no longer a member");
    part.tell_user(user, to_member);
    part.tell_followers(room, everybody, to_others);
  });
}

void Hub::room_changed(const OwnedRoom& room, const std::vector<UserId>& members) {
  if (state_->nobody_listens()) return;
  const auto now = state_->clock.now();
  const auto people = std::make_shared<const std::vector<UserId>>(in_order(members));
  const auto changed = text_frame(events::room_updated(room, now));
  const auto removed =
      room.room.is_private ? text_frame(events::membership_removed(room.room.id, now)) : nullptr;
  state_->on_each_part([id = room.room.id, people, changed, removed](HubPart& part) {
    const auto stranger = [&](const Seat& seat) {
      return !std::ranges::binary_search(*people, seat.client->user.id);
    };
    part.tell_people(*people, changed);
    if (!removed) return part.tell_followers(id, stranger, changed);
    part.tell_followers(id, stranger, removed);
    part.unseat(id, stranger, CloseCode::kRemoved, "no longer a member");
  });
}

void Hub::close_room(RoomId room, const std::vector<UserId>& members) {
  state_->presence.remove_room(room);
  if (state_->nobody_listens()) return;
  const auto people = std::make_shared<const std::vector<UserId>>(in_order(members));
  const auto deleted = text_frame(events::room_deleted(room, state_->clock.now()));
  state_->on_each_part([room, people, deleted](HubPart& part) {
    const auto stranger = [&](const Seat& seat) {
      return !std::ranges::binary_search(*people, seat.client->user.id);
    };
    part.tell_people(*people, deleted);
    part.tell_followers(room, stranger, deleted);
    part.unseat(room, everybody, CloseCode::kRoomGone, "room deleted");
  });
}

void Hub::close_session(SessionId session) {
  state_->on_each_part([session](HubPart& part) { part.close_session(session); });
}

bool Hub::concerned(RoomId room, std::optional<UserId> user) {
  return state_->sockets_in_room.has_any(room) || (user && state_->sockets_of_user.has_any(*user));
}

std::vector<UserCard> Hub::online(RoomId room) {
  return state_->presence.online(room);
}

}  // namespace izpo::realtime
