#include "api/chat_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "api/problem.hpp"
#include "api/texts.hpp"
#include "domain/reasons.hpp"
#include "realtime/events.hpp"

namespace izpo::api {
namespace asio = boost::asio;
namespace {

namespace events = realtime::events;

// Messages of one socket that may wait for their commit; the next one is not read before one of them is
// stored.
constexpr int kMaxInFlight = 64;

// Messages of one socket refused as too many, less those taken since: who sends on and on without waiting as
// told is closed.
constexpr int kMaxRefusals = 200;

}  // namespace

Task<> ChatSession::opened(realtime::Socket& socket) {
  socket_ = &socket;
  if (auto result = co_await open(); !result) turn_away(result.error());
}

void ChatSession::turn_away(const Error& error) {
  leave_place();
  refuse(error);
  socket_->close(close_code(error.reason), sentence(error.reason, language_));
}

// The token is looked at twice: a logout in between has not found the place, a later one does.
Task<Result<void>> ChatSession::open() {
  auto [token, base_url] = *std::exchange(arrival_, nullptr);
  if (!token) co_return fail(reason::kNotAuthenticated);
  IZPO_CO_TRY(const auto caller, co_await ports_.sessions.authenticate(*token));
  client_ =
      std::make_shared<const realtime::Client>(card_of(caller.user), caller.session, std::move(base_url));
  auto place = ports_.hub.admit(user().id);
  if (!place) co_return fail(reason::kRateLimited);
  place_.emplace(*std::move(place));
  IZPO_CO_CHECK(co_await take_place());
  IZPO_CO_CHECK(co_await ports_.sessions.authenticate(*token));
  co_return co_await begin();
}

Task<> ChatSession::binary(std::string_view) {
  refuse(reason::kTextFramesOnly);
  co_return;
}

void ChatSession::restarting(std::chrono::milliseconds delay) {
  say(events::reconnect(delay, now()));
}

void ChatSession::closed() {
  alive_.reset();
  place_.reset();
  if (stored_) stored_->cancel();
}

void ChatSession::post(RoomId room, services::MessageDraft draft) {
  auto client_id = draft.client_id;
  auto done = [this, alive = alive(), room, client_id](AppendOutcome outcome) {
    if (alive.expired()) return;
    --in_flight_;
    if (stored_) stored_->cancel();
    if (!outcome) return refuse(outcome.error(), client_id, room);
    if (client_id) {
      const auto& message = outcome->message;
      say(events::ack(room, *client_id, message.id, message.seq, now()));
    }
  };
  const auto taken =
      ports_.messages.submit(user().id, room, std::move(draft), socket_->executor(), std::move(done));
  if (!taken) return refuse_message(taken.error(), client_id, room);
  ++in_flight_;
  if (refusals_ > 0) --refusals_;
}

void ChatSession::refuse_message(const Error& error, const std::optional<std::string>& client_id,
                                 RoomId room) {
  refuse(error, client_id, room);
  if (error.reason != reason::kRateLimited || ++refusals_ < kMaxRefusals) return;
  socket_->close(close_code(error.reason), sentence(error.reason, language_));
}

Task<> ChatSession::some_stored() {
  if (in_flight_ < kMaxInFlight) co_return;
  if (!stored_) stored_ = std::make_unique<Timer>(socket_->executor(), Timer::time_point::max());
  while (in_flight_ >= kMaxInFlight && alive_) {
    co_await stored_->async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
  }
}

void ChatSession::pong() {
  say(events::pong(user().id, now()));
}

void ChatSession::say(const std::string& json) {
  socket_->send(realtime::text_frame(json), realtime::Urgency::kKept);
}

void ChatSession::refuse(const Error& error, const std::optional<std::string>& client_id,
                         std::optional<RoomId> room) {
  say(events::error({.sentence = sentence(error.reason, language_),
                     .code = error.reason.name,
                     .client_id = client_id,
                     .room = room,
                     .retry_after = error.retry_after},
                    now()));
}

}  // namespace izpo::api
