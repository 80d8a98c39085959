#include "adapters/postgres/take_over.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "adapters/postgres/alone.hpp"
#include "adapters/postgres/ground.hpp"
#include "adapters/postgres/old_accounts.hpp"
#include "adapters/postgres/take_over_scripts.hpp"
#include "adapters/postgres/take_over_statements.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

constexpr std::size_t kMigrationsDone = 3;  // by the scripts
constexpr std::size_t kAccountsAtOnce = 5000;
constexpr std::size_t kNamesShown = 20;

// Undoes a rehearsal; never leaves take_over.
constexpr Reason kRehearsed{ErrorCode::kConflict, "rehearsed"};

std::unexpected<Error> refuse(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

std::string list_of(const std::vector<std::string>& names) {
  const std::span shown = std::span(names).first(std::min(names.size(), kNamesShown));
  const std::size_t rest = names.size() - shown.size();
  return fmt::format("{}{}", fmt::join(shown, ", "), rest > 0 ? fmt::format(" and {} more", rest) : "");
}

// One transaction's worth of it.
class Taking {
 public:
  Taking(sql::Session& session, const Address& address, std::span<const sql::Migration> all,
         const TakeOverOptions& options, Timestamp now)
      : session_(session), address_(address), all_(all), options_(options), now_(now) {}

  Task<Result<TakeOver>> run() {
    IZPO_CO_CHECK(co_await session_.script(kAlone));
    IZPO_CO_CHECK(co_await session_.script(kBeginTakeOver));
    IZPO_CO_CHECK(co_await check_database(session_, address_));
    IZPO_CO_TRY(const sql::Rows old, co_await session_.query(kIsOld, {}));
    if (!old.row(0).flag()) {
      IZPO_CO_CHECK(co_await check_names(session_, address_));
      co_return std::move(report_);
    }
    report_.was_needed = true;
    IZPO_CO_CHECK(co_await look());
    IZPO_CO_CHECK(co_await session_.script(kReshape));
    IZPO_CO_CHECK(co_await repair_all(account_repairs()));
    IZPO_CO_TRY(nobody_, co_await number_of(kAddNobody, {now_}));
    if (owner_) {
      IZPO_CO_TRY(lost_room_, co_await number_of(kAddLostRoom, {*owner_}));
    }
    IZPO_CO_CHECK(co_await repair_all(other_repairs()));
    IZPO_CO_CHECK(co_await set_keys());
    IZPO_CO_CHECK(co_await session_.script(kNumberMessages));
    IZPO_CO_CHECK(co_await sql::record(session_, all_.first(kMigrationsDone), now_));
    IZPO_CO_CHECK(co_await session_.script(kPromise));
    IZPO_CO_CHECK(co_await sql::migrate_in(session_, all_, now_));
    co_return std::move(report_);
  }

 private:
  template <class... Arguments>
  void say(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    report_.lines.push_back(fmt::format(text, std::forward<Arguments>(arguments)...));
  }

  Task<Result<std::vector<std::string>>> texts_of(const sql::Statement& statement) {
    IZPO_CO_TRY(const sql::Rows rows, co_await session_.query(statement, {}));
    co_return sql::read_all(rows, [](sql::Row& row) { return row.text(); });
  }

  // The number in the first row, or nullopt.
  Task<Result<std::optional<std::int64_t>>> number_of(const sql::Statement& statement, sql::Params params) {
    IZPO_CO_TRY(const sql::Rows rows, co_await session_.query(statement, params));
    co_return sql::read_first(rows, [](sql::Row& row) { return row.integer(); });
  }

  // What is there, whether it can be done, and who owns what nobody owns. Changes nothing.
  Task<Result<void>> look() {
    IZPO_CO_TRY(const auto missing, co_await texts_of(kMissing));
    if (!missing.empty()) {
      co_return refuse(
          fmt::format("there is a table users, but not {}: this is no database of the FastAPI version",
                      list_of(missing)));
    }
    if (auto locked = co_await session_.script(kLockOldTables); !locked) {
      // 55P03: lock_not_available.
      if (!locked.error().log_detail.contains("55P03")) co_return fail(std::move(locked).error());
      co_return refuse("the tables are in use: stop the FastAPI version, then run `izpochat migrate` again");
    }
    IZPO_CO_TRY(const auto obstacles, co_await texts_of(kObstacles));
    if (!obstacles.empty()) {
      co_return refuse(
          fmt::format("nothing was changed, because this is in the way: {}; drop, rename or change it",
                      list_of(obstacles)));
    }
    IZPO_CO_TRY(const sql::Rows counts, co_await session_.query(kCounts, {}));
    sql::Row row = counts.row(0);
    const std::int64_t users = row.integer();
    const std::int64_t rooms = row.integer();
    const std::int64_t messages = row.integer();
    say("found the tables of the FastAPI version: {} users, {} rooms, {} messages, {} files", users, rooms,
        messages, row.integer());
    IZPO_CO_TRY(const auto policies, co_await texts_of(kPolicies));
    if (!policies.empty()) {
      say("{} row-level policies gave others a right to the tables: removed ({})", policies.size(),
          list_of(policies));
    }
    co_return co_await find_owner();
  }

  Task<Result<void>> find_owner() {
    IZPO_CO_TRY(const auto rooms, co_await number_of(kRoomsWithoutOwner, {}));
    IZPO_CO_TRY(const auto messages, co_await number_of(kLostMessages, {}));
    if (options_.owner) {
      IZPO_CO_TRY(owner_, co_await number_of(kFindOwner, {*options_.owner}));
      if (!owner_) co_return refuse(fmt::format("--owner: nobody is called {}", *options_.owner));
    }
    if (owner_ || (*rooms == 0 && *messages == 0)) co_return Result<void>();
    co_return refuse(fmt::format(
        "{} rooms have no owner, and {} messages no room: say with --owner USERNAME whose they are to be",
        *rooms, *messages));
  }

  Task<Result<void>> repair_all(std::span<const Repair> repairs) {
    for (const Repair& repair : repairs) {
      IZPO_CO_TRY(const std::int64_t count, co_await make(repair));
      if (count > 0 && !repair.says.empty()) say("{}", fmt::format(fmt::runtime(repair.says), count));
    }
    co_return Result<void>();
  }

  Task<Result<std::int64_t>> make(const Repair& repair) {
    const sql::Params params = repair.wants == Repair::Wants::kNothing ? sql::Params{}
                               : repair.wants == Repair::Wants::kNow   ? sql::Params{now_}
                               : repair.wants == Repair::Wants::kOwner ? sql::Params{owner_}
                               : repair.wants == Repair::Wants::kUser  ? sql::Params{nobody_}
                                                                       : sql::Params{lost_room_};
    // Nobody who could be named: then there is nothing to repair, as find_owner and the two additions made
    // sure.
    if (repair.wants != Repair::Wants::kNothing && is_null(params)) co_return 0;
    IZPO_CO_TRY(const auto count, co_await number_of(repair.statement, params));
    co_return count.value_or(0);
  }

  static bool is_null(const sql::Params& params) {
    return std::holds_alternative<std::monostate>(params.values().front());
  }

  Task<Result<void>> set_keys() {
    IZPO_CO_TRY(const sql::Rows rows, co_await session_.query(kAccounts, {}));
    const auto accounts = sql::read_all(rows, [](sql::Row& row) {
      return OldAccount{.id = row.integer(), .username = row.text(), .email = row.text()};
    });
    const KeyedAccounts keyed = keys_of(accounts);
    for (std::size_t first = 0; first < keyed.keys.size(); first += kAccountsAtOnce) {
      const std::span some = std::span(keyed.keys).subspan(first);
      boost::json::array objects;
      for (const AccountKeys& keys : some.first(std::min(some.size(), kAccountsAtOnce))) {
        objects.push_back({{"id", keys.id},
                           {"n", keys.username_key},
                           {"s", keys.username_skeleton},
                           {"e", keys.email_key}});
      }
      const std::string json = boost::json::serialize(objects);
      IZPO_CO_CHECK(co_await session_.query(kSetKeys, {json}));
    }
    say_shared("usernames",
               "differ from an older account's only in case or form: they are typed exactly to log in",
               keyed.shared_names);
    say_shared("usernames", "look like an older account's: both stay", keyed.shared_looks);
    say_shared("e-mail addresses",
               "are an older account's too, but for case: they are typed exactly to log in",
               keyed.shared_emails);
    co_return Result<void>();
  }

  void say_shared(std::string_view what, std::string_view how, const std::vector<std::string>& names) {
    if (!names.empty()) say("{} {} {} ({})", names.size(), what, how, list_of(names));
  }

  sql::Session& session_;
  const Address& address_;
  const std::span<const sql::Migration> all_;
  const TakeOverOptions& options_;
  const Timestamp now_;
  std::optional<std::int64_t> owner_;
  std::optional<std::int64_t> nobody_;
  std::optional<std::int64_t> lost_room_;
  TakeOver report_;
};

}  // namespace

Task<Result<TakeOver>> take_over(sql::Database& database, const Address& address,
                                 std::span<const sql::Migration> all, TakeOverOptions options,
                                 Timestamp now) {
  TakeOver report;
  const auto done = co_await database.write([&](sql::Session& session) -> Task<Result<bool>> {
    Taking taking(session, address, all, options, now);
    IZPO_CO_TRY(report, co_await taking.run());
    if (options.rehearse) co_return fail(kRehearsed);
    co_return true;
  });
  if (!done && done.error().reason != kRehearsed) co_return fail(done.error());
  co_return report;
}

}  // namespace izpo::postgres
