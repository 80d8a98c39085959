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
      told->push_back(RoomEvent{room, Seq(0), text_frame(json), except});
    }
    deliver(std::move(told));
  }

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
  }
  SeatedSocket(const SeatedSocket&) = delete;
  SeatedSocket& operator=(const SeatedSocket&) = delete;

  ~SeatedSocket() override {
    part_.remove(listener_);
    if (ticket_) hub_.presence.leave(listener_.seat().room, listener_.seat().user.id, *ticket_);
  }

  OnlineList enter() override {
    auto entrance = hub_.presence.enter(listener_.seat().room, listener_.seat().user);
    ticket_ = entrance.ticket;
    return std::move(entrance).online;
  }

  OnlineList online() const override { return hub_.presence.shown(listener_.seat().room); }

  bool over_limit() const override { return !place_; }

  bool go_live(Seq sent) override { return listener_.go_live(sent); }

  void typing(bool is_typing) override {
    hub_.presence.typing(listener_.seat().room, listener_.seat().user.id, ticket_.value(), is_typing);
  }

 private:
  Listener listener_;
  HubPart& part_;
  Hub::State& hub_;
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

Delivery Hub::encode(std::span<const AppendOutcome> batch) const {
  auto shown = std::make_shared<std::vector<RoomEvent>>();
  if (state_->nobody_listens()) return shown;
  shown->reserve(batch.size());
  for (const auto& outcome : batch) {
    if (!outcome || outcome->repeat) continue;
    const auto& [message, sender, file, repeat] = *outcome;
    if (file) {
      shown->push_back({message.room, message.seq, nullptr, UserId(0),
                        std::make_shared<LinkedFrames>(message, sender, *file, state_->links)});
      continue;
    }
    shown->push_back(
        {message.room, message.seq, text_frame(events::message(message, sender, file)), UserId(0)});
  }
  std::ranges::sort(*shown, {}, [](const RoomEvent& event) { return std::pair(event.room, event.seq); });
  return shown;
}

void Hub::deliver(Delivery delivery) {
  if (!delivery->empty()) state_->deliver(std::move(delivery));
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
    part.tell_followers(room, [user](const Seat& seat) { return seat.user.id != user; }, to_others);
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
        room, [user](const Seat& seat) { return seat.user.id == user; }, CloseCode::kRemoved,
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
      return !std::ranges::binary_search(*people, seat.user.id);
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
      return !std::ranges::binary_search(*people, seat.user.id);
    };
    part.tell_people(*people, deleted);
    part.tell_followers(room, stranger, deleted);
    part.unseat(room, everybody, CloseCode::kRoomGone, "room deleted");
  });
}

void Hub::close_session(SessionId session) {
  state_->on_each_part([session](HubPart& part) { part.close_session(session); });
}

std::vector<UserCard> Hub::online(RoomId room) {
  return state_->presence.online(room);
}

}  // namespace izpo::realtime
