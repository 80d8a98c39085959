#include "api/chat_one_room.hpp"

#include <utility>
#include <variant>

#include "api/chat_events.hpp"
#include "api/chat_room_feed.hpp"
#include "api/chat_session.hpp"
#include "api/texts.hpp"
#include "domain/reasons.hpp"
#include "realtime/events.hpp"

namespace izpo::api {
namespace {

namespace events = realtime::events;

class ChatOfOneRoom final : public ChatSession {
 public:
  ChatOfOneRoom(const ChatSockets::Ports& ports, ChatSocketRequest request)
      : ChatSession(ports, std::move(request.token), request.language, std::move(request.base_url)),
        room_(request.room.value_or(RoomId(0))),
        position_(std::make_unique<Position>(Position{request.after_seq, std::move(request.epoch)})) {}

  Task<> text(std::string_view message) override {
    auto [event, client_id, room] = decode_client_event(message);
    if (!event) {
      refuse(event.error(), client_id);
    } else if (auto* draft = std::get_if<services::MessageDraft>(&*event)) {
      post(room_, std::move(*draft));
      co_await some_stored();
    } else if (const auto* notice = std::get_if<TypingNotice>(&*event)) {
      if (feed_ && !feed_->ended()) feed_->seat().typing(notice->typing);
    } else if (std::holds_alternative<Ping>(*event)) {
      pong();
    } else {
      refuse(reason::kUnknownEvent);
    }
  }

  void closed() override {
    leave_place();
    ChatSession::closed();
  }

 private:
  struct Position {
    std::optional<Seq> after_seq;
    std::optional<std::string> epoch;
  };

  // The order matters: seated first, silently, so that no message falls between the reads and the live ones;
  // then the gate, so that a removal from now on finds the seat; then, in begin(), the others are told, and
  // the past is sent.
  Task<Result<void>> take_place() override {
    if (room_.value == 0) co_return fail(reason::kRoomNotFound);
    feed_ = std::make_shared<RoomFeed>(ports(), room_, client(),
                                       ports().hub.subscribe({room_, client()}, socket()));
    if (feed_->seat().over_limit()) co_return fail(reason::kRateLimited);
    IZPO_CO_CHECK(co_await ports().access.to_take_part(user().id, room_));
    co_return Result<void>();
  }

  Task<Result<void>> begin() override {
    IZPO_CO_TRY(const auto last, co_await ports().messages.last_seq(room_));
    const auto [after_seq, epoch] = *std::exchange(position_, nullptr);
    const bool other_lineage = epoch && *epoch != ports().epoch;
    const bool reset = after_seq && (other_lineage || *after_seq > last);
    const auto online = feed_->seat().enter();
    say(events::welcome({.message = sentence(Phrase::kWelcome, language()),
                         .room = room_,
                         .user = user().id,
                         .epoch = ports().epoch,
                         .last_seq = last,
                         .reset = reset},
                        now()));
    say(events::users_online(room_, online, now()));
    const bool missed = after_seq && !reset && *after_seq < last;
    if (!missed) co_return co_await feed_->go_live(socket(), last);
    ports().tasks.spawn(socket().executor(), "replay", replay(*this, alive(), feed_, *after_seq));
    co_return Result<void>();
  }

  // The socket is read on meanwhile: a client that does not keep up is answered its pings and its close, and
  // may end: then `self` is gone.
  static Task<> replay(ChatOfOneRoom& self, std::weak_ptr<const void> alive, std::shared_ptr<RoomFeed> feed,
                       Seq after) {
    auto& to = self.socket();
    Result<void> live;
    const auto sent = co_await feed->send_missed(to, after);
    if (alive.expired() || feed->ended()) co_return;
    if (sent) {
      live = co_await feed->go_live(to, *sent);
    } else {
      live = fail(sent.error());
    }
    if (!live && !alive.expired() && !feed->ended()) self.turn_away(live.error());
  }

  void leave_place() override {
    if (feed_) feed_->end();
  }

  const RoomId room_;                   // 0: the path's segment is no number
  std::unique_ptr<Position> position_;  // until it was looked at
  std::shared_ptr<RoomFeed> feed_;      // shared with the replay that may be under way
};

}  // namespace

std::unique_ptr<realtime::SocketHandler> chat_of_one_room(const ChatSockets::Ports& ports,
                                                          ChatSocketRequest request) {
  return std::make_unique<ChatOfOneRoom>(ports, std::move(request));
}

}  // namespace izpo::api
