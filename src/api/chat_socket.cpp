#include "api/chat_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string_view>
#include <utility>
#include <variant>

#include "api/chat_events.hpp"
#include "api/problem.hpp"
#include "api/texts.hpp"
#include "domain/reasons.hpp"
#include "ports/page.hpp"
#include "realtime/events.hpp"

namespace izpo::api {
namespace asio = boost::asio;
namespace {

namespace events = realtime::events;
using realtime::Urgency;

// Messages of one socket that may wait for their commit; the next one is not read before one of them is
// stored.
constexpr int kMaxInFlight = 64;

class ChatSocket final : public realtime::SocketHandler {
 public:
  ChatSocket(const ChatSockets::Ports& ports, ChatSocketRequest request)
      : ports_(ports), request_(std::move(request)) {}

  Task<> opened(realtime::Socket& socket) override {
    socket_ = &socket;
    if (auto result = co_await open(); !result) turn_away(result.error());
  }

  Task<> text(std::string_view message) override {
    auto [event, client_id] = decode_client_event(message);
    if (!event) {
      refuse(event.error(), client_id);
    } else if (auto* draft = std::get_if<services::MessageDraft>(&*event)) {
      post(std::move(*draft));
      if (in_flight_ >= kMaxInFlight) co_await some_stored();
    } else if (const auto* notice = std::get_if<TypingNotice>(&*event)) {
      if (subscription_) subscription_->typing(notice->typing);
    } else {
      say(events::pong(user_, ports_.clock.now()), Urgency::kKept);
    }
  }

  Task<> binary(std::string_view) override {
    refuse(reason::kTextFramesOnly, std::nullopt);
    co_return;
  }

  void closed() override {
    subscription_.reset();
    alive_.reset();
    if (stored_) stored_->cancel();
  }

 private:
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;

  // The order matters: seated first, silently, so that no message falls between the reads and the live ones;
  // then the gates, so that a removal or a logout from now on finds the seat; then the others are told; then
  // the past is sent.
  Task<Result<void>> open() {
    if (!request_.token) co_return fail(reason::kNotAuthenticated);
    IZPO_CO_TRY(const auto caller, co_await ports_.sessions.authenticate(*request_.token));
    if (!request_.room) co_return fail(reason::kRoomNotFound);
    user_ = caller.user.id;
    room_ = *request_.room;
    auto seat = ports_.hub.subscribe({room_, card_of(caller.user), caller.session}, *socket_);
    IZPO_CO_CHECK(co_await ports_.access.to_take_part(user_, room_));
    IZPO_CO_CHECK(co_await ports_.sessions.authenticate(*std::exchange(request_.token, std::nullopt)));
    IZPO_CO_TRY(const auto last, co_await ports_.messages.last_seq(room_));

    const bool other_lineage = request_.epoch && *request_.epoch != ports_.epoch;
    const bool reset = request_.after_seq && (other_lineage || *request_.after_seq > last);
    subscription_ = std::move(seat);
    const auto online = subscription_->enter();
    const auto now = ports_.clock.now();
    say(events::welcome({.message = sentence(Phrase::kWelcome, request_.language),
                         .room = room_,
                         .user = user_,
                         .epoch = ports_.epoch,
                         .last_seq = last,
                         .reset = reset},
                        now),
        Urgency::kKept);
    say(events::users_online(room_, online, now), Urgency::kKept);
    co_return co_await catch_up(request_.after_seq && !reset ? *request_.after_seq : last, last);
  }

  // Sends what came after `sent`, as far as the store has it, until the live messages follow on.
  Task<Result<void>> catch_up(Seq sent, Seq last) {
    bool complete = sent >= last;
    while (!complete || !subscription_->go_live(sent)) {
      IZPO_CO_TRY(const auto missed, co_await ports_.messages.replay(room_, sent, kMaxPageSize));
      for (const auto& [message, sender, file] : missed.messages) {
        say(events::message(message, card_of(sender), file), Urgency::kKept);
        // After each: a page of the longest messages is larger than the outbox.
        co_await socket_->drained();
        if (socket_->closing()) co_return Result<void>();
      }
      sent = missed.up_to;
      complete = !missed.more;
    }
    co_return Result<void>();
  }

  void post(services::MessageDraft draft) {
    auto client_id = draft.client_id;
    auto done = [this, alive = std::weak_ptr(alive_), client_id](AppendOutcome outcome) {
      if (alive.expired()) return;
      --in_flight_;
      if (stored_) stored_->cancel();
      if (!outcome) return refuse(outcome.error(), client_id);
      if (client_id) {
        const auto& message = outcome->message;
        say(events::ack(*client_id, message.id, message.seq, ports_.clock.now()), Urgency::kKept);
      }
    };
    const auto taken =
        ports_.messages.submit(user_, room_, std::move(draft), socket_->executor(), std::move(done));
    if (!taken) return refuse(taken.error(), client_id);
    ++in_flight_;
  }

  Task<> some_stored() {
    if (!stored_) stored_ = std::make_unique<Timer>(socket_->executor(), Timer::time_point::max());
    while (in_flight_ >= kMaxInFlight && alive_) {
      co_await stored_->async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
    }
  }

  void say(const std::string& json, Urgency urgency) { socket_->send(realtime::text_frame(json), urgency); }

  void refuse(const Error& error, const std::optional<std::string>& client_id) {
    say(events::error(sentence(error.reason, request_.language), error.reason.name, client_id,
                      ports_.clock.now()),
        Urgency::kKept);
  }

  void turn_away(const Error& error) {
    subscription_.reset();
    refuse(error, std::nullopt);
    socket_->close(close_code(error.reason), sentence(error.reason, request_.language));
  }

  const ChatSockets::Ports& ports_;
  ChatSocketRequest request_;
  realtime::Socket* socket_ = nullptr;  // from opened() on
  UserId user_;
  RoomId room_;
  std::unique_ptr<realtime::Subscription> subscription_;
  int in_flight_ = 0;
  std::unique_ptr<Timer>
      stored_;  // cancelled when a message of this socket was stored; made when first needed
  std::shared_ptr<ChatSocket> alive_{this,
                                     [](ChatSocket*) {}};  // until closed(): a late completion finds it gone
};

}  // namespace

std::unique_ptr<realtime::SocketHandler> ChatSockets::accept(ChatSocketRequest request) const {
  return std::make_unique<ChatSocket>(ports_, std::move(request));
}

}  // namespace izpo::api
