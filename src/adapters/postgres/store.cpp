#include "adapters/postgres/store.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <limits>
#include <random>
#include <utility>

#include "adapters/postgres/alone.hpp"
#include "adapters/postgres/ground.hpp"
#include "adapters/postgres/migrations.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

Task<Result<void>> check(sql::Session& session, const Address& address) {
  IZPO_CO_CHECK(co_await session.script(kAlone));
  IZPO_CO_CHECK(co_await check_database(session, address));
  IZPO_CO_CHECK(co_await check_names(session, address));
  IZPO_CO_TRY(const bool old, co_await has_fastapi_tables(session));
  if (!old) co_return Result<void>();
  co_return fail(
      Error(reason::kStorageUnavailable,
            fmt::format("the database {} was made by the earlier version of IzpoChat: take it over with "
                        "`izpochat migrate`, after a backup",
                        address.shown)));
}

Task<Result<std::vector<std::string>>> bring_up_to_date(Database& database, Timestamp now) {
  const Address& address = database.address();
  IZPO_CO_CHECK(co_await database.write([&](sql::Session& session) { return check(session, address); }));
  co_return co_await sql::migrate(database, migrations(), now, kAlone);
}

sql::Node random_node() {
  std::random_device random;
  std::uniform_int_distribution<std::int64_t> any(1, std::numeric_limits<std::int64_t>::max());
  return {any(random)};
}

}  // namespace

Store::Store(DatabaseOptions options)
    : database_(std::make_unique<Database>(std::move(options))),
      node_(random_node()),
      users_(*database_),
      sessions_(*database_),
      rooms_(*database_, node_),
      members_(*database_, node_),
      messages_(*database_),
      files_(*database_),
      lineage_(*database_),
      room_news_(*database_, node_) {}

template <class T>
Result<T> Store::run(Task<Result<T>> task) {
  auto answer = boost::asio::co_spawn(start_loop_, std::move(task), boost::asio::use_future);
  start_loop_.restart();
  start_loop_.run();
  Result<T> result = answer.get();
  if (!result) add_advice(result.error(), database_->address());
  return result;
}

Result<std::vector<std::string>> Store::migrate(Timestamp now) {
  return run(bring_up_to_date(*database_, now));
}

Result<TakeOver> Store::take_over(TakeOverOptions how, Timestamp now) {
  return run(postgres::take_over(*database_, database_->address(), migrations(), std::move(how), now));
}

Result<std::string> Store::read_epoch() {
  return run(lineage_.epoch());
}

}  // namespace izpo::postgres
