#include "app/epoch.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "adapters/postgres/store.hpp"
#include "adapters/sql/epoch.hpp"
#include "adapters/sqlite/server_lock.hpp"
#include "adapters/sqlite/store.hpp"
#include "adapters/system/clock.hpp"
#include "adapters/system/random.hpp"
#include "app/block_on.hpp"
#include "app/commands.hpp"
#include "app/installation.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"

namespace izpo::app {
namespace {

std::unexpected<Error> failure(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

Result<void> begin_on_sqlite(const Settings& settings) {
  const auto has = has_database(settings);
  if (!has) return failure(has.error());
  if (!*has) return failure(no_database(settings));
  IZPO_TRY(const auto lock, sqlite::ServerLock::take(settings.database_path()));
  boost::asio::io_context loop(1);  // outlives the store
  IZPO_TRY(const auto store, sqlite::Store::open({.file = settings.database_path()}));
  IZPO_CHECK(store->migrate(system::SystemClock().now()));
  return begin_new_epoch(loop, store->database());
}

Result<void> begin_on_postgres(const Settings& settings) {
  auto address = postgres::Address::parse(settings.database->postgres);
  if (!address) return failure(fmt::format("DATABASE_URL: {}", address.error()));
  boost::asio::io_context loop(1);  // outlives the store
  postgres::Store store({.address = *std::move(address), .loops = {}, .connections = 1});
  IZPO_CHECK(store.migrate(system::SystemClock().now()));
  return begin_new_epoch(loop, store.database());
}

}  // namespace

Result<void> begin_new_epoch(boost::asio::io_context& loop, sql::Database& database) {
  std::array<unsigned char, 16> bytes{};
  system::SystemRandom().fill(bytes);
  return block_on(loop, sql::begin_epoch(database, to_hex(bytes)));
}

int new_epoch(const Settings& settings) {
  const auto begun = settings.uses_postgres() ? begin_on_postgres(settings) : begin_on_sqlite(settings);
  if (!begun) return report_failure(begun.error().log_detail);
  fmt::print("a new epoch begins: clients load their history again\n");
  return kDone;
}

}  // namespace izpo::app
