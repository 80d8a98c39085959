#include "adapters/postgres/message_store.hpp"

#include <optional>
#include <utility>

#include "adapters/postgres/append_batch.hpp"
#include "base/log.hpp"

namespace izpo::postgres {
namespace {

constexpr int kMostRuns = 4;

using Outcomes = std::vector<AppendOutcome>;

// What of the batch can be run again although it may be stored: what can be recognised.
std::vector<PendingMessage> named_of(const std::vector<PendingMessage>& batch) {
  std::vector<PendingMessage> named;
  for (const PendingMessage& message : batch) {
    if (message.client_id) named.push_back(message);
  }
  return named;
}

// The outcomes of the named messages, and of the others that nobody knows.
Outcomes merged(const std::vector<PendingMessage>& batch, Outcomes named, const Error& unknown) {
  Outcomes all;
  all.reserve(batch.size());
  std::size_t next = 0;
  for (const PendingMessage& message : batch) {
    all.push_back(message.client_id ? std::move(named[next++]) : AppendOutcome(fail(unknown)));
  }
  return all;
}

}  // namespace

Task<Result<Outcomes>> MessageStore::append(std::vector<PendingMessage> batch, Timestamp now) {
  if (batch.empty()) co_return Outcomes();
  Locked locked = Locked::kWait;
  std::optional<Error> unknown;  // a commit's outcome: why
  std::vector<PendingMessage> named;
  const auto until = Connection::Clock::now() + database_.patience();
  for (int run = 1;; ++run) {
    std::optional<std::expected<Outcomes, Failure>> answer;
    const std::vector<PendingMessage>& messages = unknown ? named : batch;
    const auto done = co_await database_.write_directly([&](Connection& connection) -> Task<Result<void>> {
      AppendBatch append(connection, database_.patience(), now);
      answer.emplace(co_await append.run(messages, locked, unknown.has_value()));
      co_return Result<void>();
    });
    if (!done) co_return fail(unknown.value_or(done.error()));  // no connection
    if (*answer) co_return unknown ? merged(batch, *std::move(*answer), *unknown) : *std::move(*answer);

    Failure failure = std::move(*answer).error();
    if (run == kMostRuns || Connection::Clock::now() >= until)
      co_return fail(unknown.value_or(failure.error));
    switch (failure.fate) {
      case Fate::kAgain:
      case Fate::kUnprepared:
      case Fate::kPooled: break;
      case Fate::kLocked:
        if (locked == Locked::kPass) co_return fail(std::move(failure.error));
        locked = Locked::kPass;
        break;
      case Fate::kDisconnected:
        spdlog::warn("{}", failure.error.log_detail);
        if (!unknown) {
          named = named_of(batch);
          unknown = std::move(failure.error);
        }
        if (named.empty()) co_return fail(*unknown);
        break;
      case Fate::kFailed: co_return fail(std::move(failure.error));
    }
  }
}

}  // namespace izpo::postgres
