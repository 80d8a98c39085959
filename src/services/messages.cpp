#include "services/messages.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "domain/text.hpp"

namespace izpo::services {
namespace asio = boost::asio;
namespace {

Result<PendingMessage> checked(UserId sender, RoomId room, MessageDraft draft) {
  IZPO_TRY(auto content, clean_message(draft.content, draft.file.has_value()));
  if (draft.client_id) IZPO_CHECK(check_client_id(*draft.client_id));
  return PendingMessage{room, sender, std::move(content), std::move(draft.client_id), draft.file};
}

// MessageLog::append for a coroutine: comes back on the loop it was called on.
Task<AppendOutcome> append(MessageLog& log, PendingMessage message) {
  const auto home = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(AppendOutcome)>(
      [&log, home](auto handler, PendingMessage pending) {
        log.append(std::move(pending), home, std::move(handler));
      },
      asio::use_awaitable_t<Executor>{}, std::move(message));
}

}  // namespace

Task<Result<Messages::Posted>> Messages::post(const Principal& caller, RoomId room, MessageDraft draft) {
  const auto sender = caller.user.id;
  IZPO_CO_CHECK(budget_.take(sender));
  IZPO_CO_TRY(auto message, checked(sender, room, std::move(draft)));
  IZPO_CO_TRY(auto open, co_await access_.to_take_part(sender, room));
  IZPO_CO_TRY(auto appended, co_await append(log_, std::move(message)));
  co_return Posted{std::move(open), std::move(appended)};
}

Result<void> Messages::submit(UserId sender, RoomId room, MessageDraft draft, Executor home,
                              MessageLog::Completion done) {
  IZPO_CHECK(budget_.take(sender));
  IZPO_TRY(auto message, checked(sender, room, std::move(draft)));
  log_.append(std::move(message), std::move(home), std::move(done));
  return {};
}

Task<Result<History>> Messages::history(const Principal& caller, RoomId room, HistoryPage page) {
  IZPO_CO_TRY(auto found, co_await access_.to_read(caller.user.id, room));
  IZPO_CO_TRY(auto messages, co_await store_.history(room, page));
  co_return History{std::move(found.room), std::move(messages)};
}

Task<Result<Replay>> Messages::replay(RoomId room, Seq after, std::int64_t limit) {
  co_return co_await store_.replay(room, after, limit);
}

Task<Result<Seq>> Messages::last_seq(RoomId room) {
  co_return co_await store_.last_seq(room);
}

}  // namespace izpo::services
