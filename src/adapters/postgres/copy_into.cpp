#include "adapters/postgres/copy_into.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <utility>

#include "adapters/postgres/alone.hpp"
#include "adapters/postgres/copy_format.hpp"
#include "adapters/postgres/ground.hpp"
#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/transaction.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};  // whether it is still wanted
constexpr std::string_view kName = "izpochat copy";   // to PostgreSQL; servers are called "izpochat"

// Parallel queries want shared memory, of which a container has little, and gain nothing here.
constexpr std::string_view kManyRows =
    "SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL max_parallel_workers_per_gather = 0; "
    "SET LOCAL client_min_messages = 'warning'";
// What costs more row by row than once at the end: references, and the indexes that are no constraint.
constexpr std::string_view kLayAside = R"sql(
CREATE TEMPORARY TABLE laid_aside (number integer GENERATED ALWAYS AS IDENTITY, again text) ON COMMIT DROP;
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT conrelid::regclass AS tab, conname, pg_get_constraintdef(oid) AS again FROM pg_constraint
    WHERE contype = 'f' AND conrelid IN (SELECT tab FROM copied_tables) LOOP
    INSERT INTO laid_aside (again) VALUES (format('ALTER TABLE %s ADD CONSTRAINT %I %s', each.tab, each.conname, each.again));
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.tab, each.conname);
  END LOOP;
  FOR each IN SELECT indexrelid::regclass AS idx, pg_get_indexdef(indexrelid) AS again FROM pg_index
    WHERE indrelid IN (SELECT tab FROM copied_tables)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) LOOP
    INSERT INTO laid_aside (again) VALUES (each.again);
    EXECUTE format('DROP INDEX %s', each.idx);
  END LOOP;
END $$;
)sql";
constexpr std::string_view kMakeAgain = R"sql(
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT again FROM laid_aside ORDER BY number DESC LOOP
    EXECUTE each.again;
  END LOOP;
END $$;
)sql";

const sql::Statement kServers(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
    "'izpochat' AND pid <> pg_backend_pid()");
const sql::Statement kSetNext("SELECT setval(pg_get_serial_sequence($1, 'id'), $2)");

Error stopped() {
  return Error(reason::kShuttingDown, "interrupted");
}

std::unexpected<Error> refuse(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

// Every table's name through `shape`, with `between` them.
std::string each_table(fmt::format_string<const std::string_view&> shape, std::string_view between) {
  std::vector<std::string> names;
  for (const sql::Table& table : sql::all_tables()) names.push_back(fmt::format(shape, table.name));
  return fmt::format("{}", fmt::join(names, between));
}

// A statement is a constant, so this is made once.
const sql::Statement& counts_of_tables() {
  static const std::string text = "SELECT " + each_table("(SELECT count(*) FROM {})", ", ");
  static const sql::Statement statement{std::string_view(text)};
  return statement;
}

DatabaseOptions of_a_copy(DatabaseOptions options) {
  options.prepares = false;  // a pooler may not take it, and there is nothing to gain
  if (options.address.value("application_name").empty())
    options.address.parameters.emplace_back("application_name", kName);
  return options;
}

// One transaction's worth of it.
class Copying {
 public:
  Copying(Connection& connection, Transaction& transaction, const Address& address, sql::TableReader& from,
          CopyWatcher& watcher)
      : connection_(connection),
        transaction_(transaction),
        address_(address),
        from_(from),
        watcher_(watcher) {}

  // The tables are there, locked and up to date afterwards. True: they hold what the reader has.
  Task<Result<bool>> look(bool pooled, Timestamp now) {
    IZPO_CO_CHECK(co_await transaction_.script(kAlone));
    IZPO_CO_CHECK(co_await transaction_.script(kManyRows));
    IZPO_CO_CHECK(co_await look_at_database());
    if (!pooled) IZPO_CO_CHECK(co_await look_for_servers());
    IZPO_CO_CHECK(co_await sql::migrate_in(transaction_, migrations(), now));
    IZPO_CO_CHECK(co_await lock());
    IZPO_CO_CHECK(co_await count());
    if (std::ranges::all_of(
            counts_, [](const auto& count) { return count.there == 0 || !sql::is_data(*count.table); }))
      co_return false;
    if (std::ranges::all_of(counts_, [](const auto& count) { return count.there == count.here; })) {
      IZPO_CO_TRY(const bool same, co_await is_same());
      if (same) co_return true;
    }
    co_return refuse(
        fmt::format("the database {} is not empty, it has {}, and not those of the source: copy into "
                    "an empty one",
                    address_.shown, what_is_there()));
  }

  Task<Result<CopyInto::Counts>> copy() {
    IZPO_CO_CHECK(co_await transaction_.script("TRUNCATE " + each_table("{}", ", ") + " RESTART IDENTITY"));
    IZPO_CO_CHECK(co_await transaction_.script(
        "CREATE TEMPORARY TABLE copied_tables ON COMMIT DROP AS SELECT unnest(ARRAY[" +
        each_table("'{}'", ", ") + "]::regclass[]) AS tab"));
    IZPO_CO_CHECK(co_await transaction_.script(kLayAside));
    std::vector<std::string> sums;
    CopyInto::Counts counts;
    for (const Compared& each : counts_) {
      IZPO_CO_TRY(std::string sum, co_await fill(each));
      sums.push_back(std::move(sum));
      counts.push_back({.table = each.table, .rows = each.here});
    }
    IZPO_CO_CHECK(co_await transaction_.script("ANALYZE " + each_table("{}", ", ")));
    watcher_.show("indexes and references");
    IZPO_CO_CHECK(co_await transaction_.script(kMakeAgain));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      IZPO_CO_TRY(const Read read, co_await read_back(counts_[i]));
      if (read.rows == counts_[i].here && read.sum == sums[i]) continue;
      co_return refuse(
          fmt::format("what PostgreSQL has of the table {} is not what it was given ({} rows of {}): "
                      "nothing was changed",
                      counts_[i].table->name, read.rows, counts_[i].here));
    }
    co_return counts;
  }

 private:
  struct Compared {
    const sql::Table* table;
    std::int64_t here;   // in the reader
    std::int64_t there;  // in PostgreSQL
  };
  struct Read {
    std::int64_t rows;
    std::string sum;
  };

  Task<Result<void>> look_at_database() {
    IZPO_CO_CHECK(co_await check_database(transaction_, address_));
    IZPO_CO_TRY(const bool old, co_await has_fastapi_tables(transaction_));
    if (old) {
      co_return refuse(
          fmt::format("the database {} is that of the FastAPI version: copy into an empty one, of "
                      "its own",
                      address_.shown));
    }
    co_return co_await check_names(transaction_, address_);
  }

  Task<Result<void>> look_for_servers() {
    IZPO_CO_TRY(const sql::Rows rows, co_await transaction_.query(kServers, {}));
    const std::int64_t count = rows.row(0).integer();
    if (count == 0) co_return Result<void>();
    co_return refuse(
        fmt::format("a server runs on {} ({} connections are open): stop it first, or say "
                    "pgbouncer=true in the URL if they are a pooler's",
                    address_.shown, count));
  }

  Task<Result<void>> lock() {
    auto locked =
        co_await transaction_.script("SET LOCAL lock_timeout = '10s'; LOCK TABLE " + each_table("{}", ", ") +
                                     " IN ACCESS EXCLUSIVE MODE; SET LOCAL lock_timeout = 0");
    // 55P03: lock_not_available.
    if (locked || !locked.error().log_detail.contains("55P03")) co_return locked;
    co_return refuse(
        fmt::format("the tables of {} are in use: end what uses them, then copy again", address_.shown));
  }

  Task<Result<void>> count() {
    IZPO_CO_TRY(const sql::Rows rows, co_await transaction_.query(counts_of_tables(), {}));
    sql::Row row = rows.row(0);
    for (const sql::Table& table : sql::all_tables()) {
      IZPO_CO_TRY(const std::int64_t here, from_.count(table));
      counts_.push_back({.table = &table, .here = here, .there = row.integer()});
    }
    co_return Result<void>();
  }

  std::string what_is_there() const {
    std::vector<std::string> parts;
    for (const Compared& each : counts_) {
      if (each.there > 0 && sql::is_data(*each.table))
        parts.push_back(fmt::format("{} {}", each.there, each.table->rows));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  Task<Result<bool>> is_same() {
    for (const Compared& each : counts_) {
      if (each.table->name == "room_news") continue;
      IZPO_CO_TRY(const Read there, co_await read_back(each));
      TableBytes bytes(from_, *each.table);
      std::string_view piece;
      do {
        if (watcher_.is_stopped()) co_return fail(stopped());
        IZPO_CO_TRY(piece, bytes.next());
      } while (!piece.empty());
      if (bytes.sum() != there.sum) co_return false;
    }
    co_return true;
  }

  void show(const Compared& what, std::int64_t rows, std::string_view done) {
    if (!watcher_.is_due() || !sql::is_data(*what.table)) return;
    watcher_.show(fmt::format("{}: {} of {} {}", what.table->rows, rows, what.here, done));
  }

  // The checksum of what was sent.
  Task<Result<std::string>> fill(const Compared& each) {
    TableBytes bytes(from_, *each.table);
    const auto next = [&]() -> Result<std::string_view> {
      if (watcher_.is_stopped()) return fail(stopped());
      show(each, bytes.rows(), "copied");
      return bytes.next();
    };
    const auto copied =
        co_await connection_.copy_in(fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary, FREEZE)",
                                                 each.table->name, sql::columns_of(*each.table)),
                                     next);
    if (!copied) co_return fail(copied.error().error);
    if (each.table->draws_ids) {
      IZPO_CO_TRY(const std::int64_t last, from_.last_id(*each.table));
      if (last > 0) IZPO_CO_CHECK(co_await transaction_.query(kSetNext, {each.table->name, last}));
    }
    co_return bytes.sum();
  }

  Task<Result<Read>> read_back(const Compared& each) {
    Sha256 sum;
    std::int64_t rows = 0;  // a piece each, but for the end
    const auto take = [&](std::string_view piece) {
      sum.add(piece);
      show(each, rows++, "compared");
    };
    const auto read = co_await connection_.copy_out(
        fmt::format("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT binary)",
                    sql::columns_of(*each.table), each.table->name, each.table->key),
        take);
    if (!read) co_return fail(read.error().error);
    co_return Read{.rows = *read, .sum = sum.hex()};
  }

  Connection& connection_;
  Transaction& transaction_;
  const Address& address_;
  sql::TableReader& from_;
  CopyWatcher& watcher_;
  std::vector<Compared> counts_;
};

}  // namespace

CopyInto::CopyInto(DatabaseOptions options, sql::TableReader& from, CopyWatcher& watcher)
    : pooled_(options.address.pooled),
      from_(from),
      watcher_(watcher),
      database_(of_a_copy(std::move(options))) {}

Result<bool> CopyInto::look(Timestamp now) {
  IZPO_TRY(const Outcome outcome, run(Until::kLooked, now));
  return outcome.was_there;
}

Result<CopyInto::Counts> CopyInto::copy(Timestamp now) {
  IZPO_TRY(Outcome outcome, run(Until::kDone, now));
  return std::move(outcome.counts);
}

Result<CopyInto::Outcome> CopyInto::run(Until until, Timestamp now) {
  auto answer = boost::asio::co_spawn(loop_, transact(until, now), boost::asio::use_future);
  loop_.restart();
  bool cancelled = false;
  while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    loop_.run_for(kLookEvery);
    if (!cancelled && watcher_.is_stopped()) {
      cancel();
      cancelled = true;
    }
  }
  auto outcome = answer.get();
  if (!outcome && watcher_.is_stopped()) return fail(stopped());
  if (!outcome) add_advice(outcome.error(), database_.address());
  return outcome;
}

void CopyInto::set_canceller(Canceller canceller) {
  const std::scoped_lock lock(mutex_);
  canceller_ = std::move(canceller);
}

void CopyInto::cancel() {
  const std::scoped_lock lock(mutex_);
  std::array<char, 256> why{};
  // What it cannot end, ends with the connection.
  if (canceller_) PQcancel(canceller_.get(), why.data(), why.size());
}

Task<Result<CopyInto::Outcome>> CopyInto::transact(Until until, Timestamp now) {
  Outcome outcome;
  const auto done = co_await database_.write_directly([&](Connection& connection) -> Task<Result<void>> {
    set_canceller(connection.canceller());
    Transaction transaction(connection, {.begin = kBeginWrite,
                                         .statement_timeout = database_.patience(),
                                         .lock_timeout = database_.patience()});
    Copying copying(connection, transaction, database_.address(), from_, watcher_);
    IZPO_CO_TRY(outcome.was_there, co_await copying.look(pooled_, now));
    if (until == Until::kLooked || outcome.was_there) {
      transaction.roll_back();
      co_return Result<void>();
    }
    IZPO_CO_TRY(outcome.counts, co_await copying.copy());
    if (watcher_.is_stopped()) co_return fail(stopped());
    auto committed = co_await transaction.commit();
    if (!committed) {
      committed.error().log_detail += "; whether it is done says the same command again";
    }
    co_return committed;
  });
  set_canceller(nullptr);
  if (!done) co_return fail(done.error());
  co_return outcome;
}

}  // namespace izpo::postgres
