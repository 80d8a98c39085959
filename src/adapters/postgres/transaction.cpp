#include "adapters/postgres/transaction.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/log.hpp"

namespace izpo::postgres {
namespace {

// A connection that is cut where nobody tells (a cable, a firewall) is given up so long after PostgreSQL
// should have given up itself.
constexpr std::chrono::milliseconds kGrace{1000};

// And plans are made once, not for each value: a page of history takes less time than to plan it. Nor are
// they compiled: what is thought to be dear (a room list among a million memberships) takes a quarter of
// the time that its compilation does, each time.
constexpr std::string_view kSetLimits =
    "SELECT set_config('statement_timeout', $1, TRUE), set_config('lock_timeout', $2, TRUE), "
    "set_config('idle_in_transaction_session_timeout', $1, TRUE), "
    "set_config('plan_cache_mode', 'force_generic_plan', TRUE), set_config('jit', 'off', TRUE)";
const sql::Statement kLimits(kSetLimits);
const sql::Statement kLimitsByIndex(
    kSetLimits,
    ", set_config('enable_seqscan', 'off', TRUE), set_config('enable_hashjoin', 'off', TRUE), "
    "set_config('enable_mergejoin', 'off', TRUE), set_config('enable_material', 'off', TRUE)");

}  // namespace

const sql::Statement kBeginRead("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
const sql::Statement kBeginWrite("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
const sql::Statement kCommit("COMMIT");
const sql::Statement kRollBack("ROLLBACK");

void add_beginning(Connection& connection, const Beginning& beginning) {
  connection.add(beginning.begin);
  const std::string statement_timeout =
      fmt::format("{}", beginning.statement_timeout.count());  // milliseconds
  const std::string lock_timeout = fmt::format("{}", beginning.lock_timeout.count());
  connection.add(beginning.plans == Plans::kByIndex ? kLimitsByIndex : kLimits,
                 Arguments(sql::Params{statement_timeout, lock_timeout}.values()));
}

Connection::Clock::time_point Transaction::deadline() const {
  return Connection::Clock::now() + beginning_.statement_timeout + kGrace;
}

Error Transaction::note(Failure failure) {
  if (failure.fate == Fate::kDisconnected) spdlog::warn("{}", failure.error.log_detail);
  may_run_again_ = failure.fate == Fate::kAgain || failure.fate == Fate::kUnprepared ||
                   failure.fate == Fate::kPooled || (failure.fate == Fate::kDisconnected && !committing_);
  return std::move(failure.error);
}

Task<Result<sql::Rows>> Transaction::query(const sql::Statement& statement, sql::Params params) {
  if (!begun_) add_beginning(connection_, beginning_);
  connection_.add(statement, Arguments(params.values()));
  begun_ = true;
  auto answers = co_await connection_.exchange(deadline());
  if (!answers) co_return fail(note(std::move(answers).error()));
  co_return std::move(answers->back());
}

Task<Result<std::vector<sql::Rows>>> Transaction::query_all(std::span<const sql::Query> queries) {
  if (!begun_) add_beginning(connection_, beginning_);
  begun_ = true;
  for (const sql::Query& query : queries) connection_.add(query.statement, Arguments(query.params.values()));
  auto answers = co_await connection_.exchange(deadline());
  if (!answers) co_return fail(note(std::move(answers).error()));
  const auto own = answers->end() - static_cast<std::ptrdiff_t>(queries.size());
  co_return std::vector<sql::Rows>(std::make_move_iterator(own), std::make_move_iterator(answers->end()));
}

Task<Result<void>> Transaction::script(std::string_view text) {
  if (!begun_) {
    add_beginning(connection_, beginning_);
    begun_ = true;
    auto began = co_await connection_.exchange(deadline());
    if (!began) co_return fail(note(std::move(began).error()));
  }
  auto done = co_await connection_.script(text);
  if (!done) co_return fail(note(std::move(done).error()));
  co_return Result<void>();
}

Task<Result<void>> Transaction::commit() {
  if (!begun_) co_return Result<void>();
  committing_ = true;
  connection_.add(kCommit);
  auto answers = co_await connection_.exchange(deadline());
  if (!answers) co_return fail(note(std::move(answers).error()));
  co_return Result<void>();
}

void Transaction::end_reading() {
  if (!begun_ || connection_.is_lost()) return;
  connection_.add(kCommit);
  connection_.send_only();
}

void Transaction::roll_back() {
  if (!begun_ || connection_.is_lost()) return;
  connection_.add(kRollBack);
  connection_.send_only();
}

}  // namespace izpo::postgres
