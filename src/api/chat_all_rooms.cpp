#include "api/chat_all_rooms.hpp"

#include <algorithm>
#include <boost/container/flat_map.hpp>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "api/chat_events.hpp"
#include "api/chat_room_feed.hpp"
#include "api/chat_session.hpp"
#include "domain/reasons.hpp"
#include "realtime/events.hpp"

namespace izpo::api {
namespace {

namespace events = realtime::events;
using Status = events::Subscribed::Status;

// Who missed more loads the history over REST: it comes in pages there, newest first.
constexpr std::int64_t kMaxReplayed = 1000;

// Rooms that are looked up together. While they come up to date one after the other, each holds what is new.
constexpr std::size_t kRoomsAtOnce = 200;

class ChatOfAllRooms final : public ChatSession, private realtime::SeatHolder {
 public:
  ChatOfAllRooms(const ChatSockets::Ports& ports, AllRoomsRequest request)
      : ChatSession(ports, std::move(request.token), request.language, std::move(request.base_url)),
        connection_id_(std::make_unique<std::string>(std::move(request.connection_id))) {}

  Task<> text(std::string_view message) override {
    auto [event, client_id, room] = decode_client_event(message);
    if (!event) {
      refuse(event.error(), client_id, room);
    } else if (auto* draft = std::get_if<services::MessageDraft>(&*event)) {
      if (!room) co_return refuse(reason::kInvalidRoomId, client_id);
      co_await post_in(*room, std::move(*draft));
    } else if (const auto* notice = std::get_if<TypingNotice>(&*event)) {
      if (!room) co_return refuse(reason::kInvalidRoomId);
      type_in(*room, notice->typing);
    } else if (auto* subscribe = std::get_if<Subscribe>(&*event)) {
      want(std::move(subscribe->rooms));
    } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&*event)) {
      for (const RoomId each : unsubscribe->rooms) drop(each);
    } else {
      pong();
    }
  }

  void closed() override {
    leave_place();
    ChatSession::closed();
  }

 private:
  struct Followed {
    std::shared_ptr<RoomFeed> feed;  // shared with the replay that may be under way
    bool answered = false;           // `subscribed` was said
    bool member = false;             // shown as online, as soon as it is answered
  };

  // A room whose turn has come.
  struct Turn {
    RoomPosition position;
    std::shared_ptr<RoomFeed> feed;
  };

  Task<Result<void>> take_place() override {
    attendance_ = ports().hub.attend(user().id, client()->session, socket());
    co_return Result<void>();
  }

  Task<Result<void>> begin() override {
    say(events::hello({.connection_id = *std::exchange(connection_id_, nullptr),
                       .user = user().id,
                       .epoch = ports().epoch,
                       .heartbeat_seconds = ports().heartbeat.count()},
                      now()));
    co_return Result<void>();
  }

  void leave_place() override {
    attendance_.reset();
    for (auto& [room, followed] : rooms_) followed.feed->end();
    rooms_.clear();
    wanted_.clear();
  }

  void want(std::vector<RoomPosition> positions) {
    for (auto& position : positions) {
      drop(position.room);
      if (rooms_.size() + wanted_.size() >= ports().max_subscriptions) {
        refuse(reason::kTooManySubscriptions, std::nullopt, position.room);
      } else {
        wanted_.push_back(std::move(position));
      }
    }
    if (wanted_.empty() || std::exchange(working_, true)) return;
    ports().tasks.spawn(socket().executor(), "subscribe", follow_wanted(*this, alive()));
  }

  void drop(RoomId room) {
    std::erase_if(wanted_, [room](const RoomPosition& position) { return position.room == room; });
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    found->second.feed->end();
    rooms_.erase(found);
  }

  // The socket is read on meanwhile, and may close: then `self` is gone.
  static Task<> follow_wanted(ChatOfAllRooms& self, std::weak_ptr<const void> alive) {
    while (!alive.expired() && !self.wanted_.empty()) {
      auto turns = self.take_turns();
      auto allowed = co_await self.ports().access.to_follow(self.user().id, rooms_of(turns));
      for (auto& turn : turns) {
        if (alive.expired()) co_return;
        if (turn.feed->ended()) continue;
        const auto result =
            allowed ? co_await self.follow(turn, *allowed) : Result<void>(fail(allowed.error()));
        if (result || turn.feed->ended()) continue;
        self.drop(turn.position.room);
        self.refuse(result.error(), std::nullopt, turn.position.room);
      }
    }
    if (!alive.expired()) self.working_ = false;
  }

  // Seated before anything is read, so that no message falls between the reads and the live ones, and a
  // removal from now on finds the seat.
  std::vector<Turn> take_turns() {
    const auto end = wanted_.begin() + static_cast<std::ptrdiff_t>(std::min(wanted_.size(), kRoomsAtOnce));
    std::vector<Turn> turns;
    for (auto position = wanted_.begin(); position != end; ++position) {
      const auto room = position->room;
      auto feed = std::make_shared<RoomFeed>(ports(), room, client(),
                                             ports().hub.subscribe({room, client(), this}, socket()));
      rooms_[room].feed = feed;
      turns.push_back({std::move(*position), std::move(feed)});
    }
    wanted_.erase(wanted_.begin(), end);
    if (wanted_.empty()) wanted_.shrink_to_fit();  // the socket is about to be idle
    return turns;
  }

  static std::vector<RoomId> rooms_of(const std::vector<Turn>& turns) {
    std::vector<RoomId> rooms;
    std::ranges::transform(turns, std::back_inserter(rooms),
                           [](const Turn& turn) { return turn.position.room; });
    return rooms;
  }

  Task<Result<void>> follow(const Turn& turn, const std::vector<RoomStanding>& allowed) {
    const auto& [room, after_seq, epoch] = turn.position;
    const auto standing =
        std::ranges::find(allowed, room, [](const RoomStanding& each) { return each.room.id; });
    if (standing == allowed.end()) {
      drop(room);
      say(events::subscribed({.room = room}, now()));
      co_return Result<void>();
    }
    if (turn.feed->seat().over_limit()) co_return fail(reason::kRateLimited);
    const Seq last = standing->room.last_seq;
    const bool reset = after_seq && ((epoch && *epoch != ports().epoch) || *after_seq > last);
    const bool truncated = reset || (after_seq && last.value - after_seq->value > kMaxReplayed);
    auto& to = socket();
    Seq sent = last;
    if (after_seq && !truncated && *after_seq < last) {
      IZPO_CO_TRY(sent, co_await turn.feed->send_missed(to, *after_seq));
      if (turn.feed->ended()) co_return Result<void>();
    }
    auto& seat = turn.feed->seat();
    auto& followed = rooms_.at(room);
    followed.answered = true;
    if (standing->standing == Standing::kMember) followed.member = true;
    say(events::subscribed({.room = room,
                            .status = truncated ? Status::kTruncated : Status::kComplete,
                            .up_to = sent,
                            .from_seq = reset || !after_seq ? Seq(1) : Seq(after_seq->value + 1),
                            .reset = reset},
                           now()));
    say(events::users_online(room, followed.member ? seat.enter() : seat.online(), now()));
    co_return co_await turn.feed->go_live(to, sent);
  }

  // A member's seat is proof enough: the store looks again. Others pass the gate, which may make them
  // members.
  Task<> post_in(RoomId room, services::MessageDraft draft) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end() || !found->second.member) {
      const auto open = co_await ports().access.to_take_part(user().id, room);
      if (!open) co_return refuse(open.error(), draft.client_id, room);
    }
    post(room, std::move(draft));
    co_await some_stored();
  }

  void type_in(RoomId room, bool typing) {
    const auto found = rooms_.find(room);
    const bool shown = found != rooms_.end() && found->second.answered && found->second.member;
    if (!shown) return refuse(reason::kNotMember, std::nullopt, room);
    found->second.feed->seat().typing(typing);
  }

  void unseated(RoomId room) override {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    const bool answered = found->second.answered;
    drop(room);
    if (!answered) say(events::subscribed({.room = room}, now()));
  }

  void admitted(RoomId room) override {
    const auto found = rooms_.find(room);
    if (found == rooms_.end() || std::exchange(found->second.member, true)) return;
    if (found->second.answered) static_cast<void>(found->second.feed->seat().enter());
  }

  std::unique_ptr<std::string> connection_id_;  // until it was said
  std::unique_ptr<realtime::Attendance> attendance_;
  boost::container::flat_map<RoomId, Followed> rooms_;
  std::vector<RoomPosition> wanted_;  // whose turn has not come, each room once
  bool working_ = false;              // follow_wanted runs
};

}  // namespace

std::unique_ptr<realtime::SocketHandler> chat_of_all_rooms(const ChatSockets::Ports& ports,
                                                           AllRoomsRequest request) {
  return std::make_unique<ChatOfAllRooms>(ports, std::move(request));
}

}  // namespace izpo::api
