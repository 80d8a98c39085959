#include "adapters/postgres/connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/log.hpp"
#include "base/use_task.hpp"

namespace izpo::postgres {
namespace {

using WaitType = boost::asio::posix::descriptor_base::wait_type;

std::string dialect_text(const sql::Statement& statement) {
  return statement.text(sql::Dialect::kPostgres,
                        [](int parameter) { return fmt::format("= ANY(${})", parameter); });
}

}  // namespace

Connection::Connection(Handle handle, const Executor& loop, std::atomic<bool>& prepares)
    : handle_(std::move(handle)),
      socket_(loop, PQsocket(handle_.get())),
      may_prepare_(prepares),
      prepares_(prepares) {}

Connection::~Connection() {
  socket_.release();  // libpq closes it
}

void Connection::add(const sql::Statement& statement, Arguments arguments) {
  constexpr int kBinary = 1;
  if (!prepares_) {
    PQsendQueryParams(handle_.get(), dialect_text(statement).c_str(), arguments.count(), arguments.types(),
                      arguments.values(), arguments.lengths(), arguments.formats(), kBinary);
  } else {
    const Key key{.statement = &statement, .signature = arguments.signature()};
    auto& name = prepared_[key];
    if (name.empty()) {
      name = fmt::format("s{}", ++names_);
      PQsendPrepare(handle_.get(), name.c_str(), dialect_text(statement).c_str(), arguments.count(),
                    arguments.types());
      expected_.push_back({.item = Item::kPrepared, .key = key});
    }
    PQsendQueryPrepared(handle_.get(), name.c_str(), arguments.count(), arguments.values(),
                        arguments.lengths(), arguments.formats(), kBinary);
  }
  expected_.push_back({.item = Item::kAnswer});
}

void Connection::expect_sync() {
  PQpipelineSync(handle_.get());
  expected_.push_back({.item = Item::kSync});
}

void Connection::send_only() {
  expect_sync();
  for (Expected& each : expected_) each.wanted = false;
  PQflush(handle_.get());  // what does not fit now goes with the next exchange
}

Failure Connection::lost() {
  lost_ = true;
  deadline_ = Clock::time_point::max();
  const std::string why = late_ ? "no answer in time" : std::string(PQerrorMessage(handle_.get()));
  return {unavailable(fmt::format("the connection to PostgreSQL is lost: {}", why)), Fate::kDisconnected};
}

void Connection::expire() {
  late_ = true;
  socket_.cancel();
}

Task<bool> Connection::wait_until_readable() {
  auto [error] = co_await socket_.async_wait(WaitType::wait_read, kAwait);
  co_return !error && !late_ && PQconsumeInput(handle_.get()) == 1;
}

Task<bool> Connection::flush() {
  for (int left = PQflush(handle_.get()); left != 0; left = PQflush(handle_.get())) {
    if (left < 0) co_return false;
    // PostgreSQL may itself wait until we read before it reads on: whatever comes first.
    bool readable = false;
    co_await suspend([this, &readable](Resume resume) {
      auto once = std::make_shared<Resume>(std::move(resume));
      const auto end = [once, &readable](bool came) {
        if (!*once) return;
        readable = came;
        std::exchange(*once, nullptr)();
      };
      socket_.async_wait(WaitType::wait_read, [end](const boost::system::error_code& error) { end(!error); });
      socket_.async_wait(WaitType::wait_write, [end](const boost::system::error_code&) { end(false); });
    });
    socket_.cancel();  // the other wait
    if (late_ || (readable && PQconsumeInput(handle_.get()) != 1)) co_return false;
  }
  co_return true;
}

Task<bool> Connection::wait_for_answer() {
  while (PQisBusy(handle_.get()) != 0) {
    if (!co_await wait_until_readable()) co_return false;
  }
  co_return true;
}

// One result of the command that is in front of expected_.
std::optional<Failure> Connection::take(const PGresult& result, Answers& answers) {
  const Expected& front = expected_.front();
  const ExecStatusType status = PQresultStatus(&result);
  const bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  if (front.item == Item::kPrepared && !good) prepared_.erase(front.key);
  if (good) {
    if (front.item == Item::kAnswer && front.wanted) answers.push_back(read_rows(result));
    return std::nullopt;
  }
  if (status == PGRES_PIPELINE_ABORTED) return std::nullopt;  // another has failed
  return failure_of(result);
}

Task<std::expected<Connection::Answers, Failure>> Connection::exchange(Clock::time_point deadline) {
  if (lost_) co_return std::unexpected(lost());
  deadline_ = deadline;
  expect_sync();
  if (!co_await flush()) co_return std::unexpected(lost());
  Answers answers;
  std::optional<Failure> failure;
  bool ended = false;  // twice in a row is never: the connection is gone
  while (!expected_.empty()) {
    if (!co_await wait_for_answer()) co_return std::unexpected(lost());
    const Answer result(PQgetResult(handle_.get()));
    if (!result) {
      if (std::exchange(ended, true) || PQstatus(handle_.get()) == CONNECTION_BAD)
        co_return std::unexpected(lost());
      if (expected_.front().item != Item::kSync) expected_.pop_front();
      continue;
    }
    ended = false;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      expected_.pop_front();
      continue;
    }
    const bool wanted = expected_.front().wanted;
    auto failed = take(*result, answers);
    if (!failed) continue;
    if (failed->fate == Fate::kDisconnected) {
      lost_ = true;
      co_return std::unexpected(*std::move(failed));
    }
    if (failed->fate == Fate::kPooled && may_prepare_.exchange(false)) {
      spdlog::warn(
          "PostgreSQL is behind a pooler in transaction mode: statements are no longer kept prepared "
          "(DATABASE_PREPARED_STATEMENTS=off says so from the start)");
    }
    // What it prepared is worth nothing.
    if (failed->fate == Fate::kPooled || failed->fate == Fate::kUnprepared) lost_ = true;
    if (wanted && !failure) failure = std::move(failed);
  }
  deadline_ = Clock::time_point::max();
  if (failure) co_return std::unexpected(*std::move(failure));
  co_return answers;
}

// Sends what a pipeline does not take: several statements at once, a COPY. end_plain() goes back into the
// pipeline.
Task<std::expected<void, Failure>> Connection::begin_plain(std::string_view text) {
  if (!expected_.empty()) {
    auto drained = co_await exchange(Clock::time_point::max());
    if (!drained) co_return std::unexpected(std::move(drained).error());
  }
  if (lost_ || PQexitPipelineMode(handle_.get()) != 1) co_return std::unexpected(lost());
  if (PQsendQuery(handle_.get(), std::string(text).c_str()) != 1) co_return std::unexpected(lost());
  if (!co_await flush()) co_return std::unexpected(lost());
  co_return std::expected<void, Failure>();
}

// Takes the results that remain; the number of rows that the last one speaks of. `failure`: one that there
// was already.
Task<std::expected<std::int64_t, Failure>> Connection::end_plain(std::optional<Failure> failure) {
  std::int64_t rows = 0;
  while (true) {
    if (!co_await wait_for_answer()) co_return std::unexpected(lost());
    const Answer result(PQgetResult(handle_.get()));
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY && !failure) {
      failure = failure_of(*result);
    }
    rows = std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
  }
  if (failure && failure->fate == Fate::kDisconnected) lost_ = true;
  if (lost_ || PQstatus(handle_.get()) == CONNECTION_BAD || PQenterPipelineMode(handle_.get()) != 1) {
    if (failure) co_return std::unexpected(*std::move(failure));
    co_return std::unexpected(lost());
  }
  if (failure) co_return std::unexpected(*std::move(failure));
  co_return rows;
}

Task<std::expected<void, Failure>> Connection::script(std::string_view text) {
  if (auto begun = co_await begin_plain(text); !begun) co_return begun;
  auto done = co_await end_plain(std::nullopt);
  if (!done) co_return std::unexpected(std::move(done).error());
  co_return std::expected<void, Failure>();
}

bool Connection::is_alive() {
  if (lost_ || PQstatus(handle_.get()) == CONNECTION_BAD) return false;
  // TLS has bytes of its own.
  if (PQsslInUse(handle_.get()) != 0) return PQconsumeInput(handle_.get()) == 1;
  char byte = 0;
  const ssize_t peeked = ::recv(PQsocket(handle_.get()), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (peeked < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  // What comes unasked is the server's farewell; at worst it is a change of its configuration.
  return peeked > 0 && !expected_.empty();
}

}  // namespace izpo::postgres
