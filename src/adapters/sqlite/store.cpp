#include "adapters/sqlite/store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <utility>

#include "adapters/sqlite/migrations.hpp"

namespace izpo::sqlite {

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  std::optional<ServerLock> lock;
  if (options.serves) {
    IZPO_TRY(ServerLock taken, ServerLock::take(options.file));
    lock.emplace(std::move(taken));
  }
  IZPO_TRY(auto database, Database::open(options.file, options.readers));
  return std::unique_ptr<Store>(new Store(std::move(lock), std::move(database)));
}

Store::Store(std::optional<ServerLock> lock, std::unique_ptr<Database> database)
    : lock_(std::move(lock)),
      database_(std::move(database)),
      users_(*database_),
      sessions_(*database_),
      rooms_(*database_),
      members_(*database_),
      messages_(*database_),
      files_(*database_),
      lineage_(*database_) {}

Result<std::vector<std::string>> Store::migrate(Timestamp now) {
  auto answer = boost::asio::co_spawn(start_loop_, sql::migrate(*database_, migrations(), now),
                                      boost::asio::use_future);
  start_loop_.restart();
  start_loop_.run();
  return answer.get();
}

Result<std::string> Store::read_epoch() {
  auto answer = boost::asio::co_spawn(start_loop_, lineage_.epoch(), boost::asio::use_future);
  start_loop_.restart();
  start_loop_.run();
  return answer.get();
}

}  // namespace izpo::sqlite
