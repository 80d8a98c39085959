#include "adapters/sqlite/store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "adapters/sqlite/migrations.hpp"

namespace izpo::sqlite {

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  IZPO_TRY(auto database, Database::open(options.file, options.readers));
  return std::unique_ptr<Store>(new Store(std::move(database)));
}

Store::Store(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      users_(*database_),
      sessions_(*database_),
      rooms_(*database_),
      members_(*database_),
      messages_(*database_),
      files_(*database_),
      lineage_(*database_) {}

Result<std::vector<std::string>> Store::migrate(Timestamp now) {
  boost::asio::io_context loop;
  std::optional<Result<std::vector<std::string>>> answer;
  boost::asio::co_spawn(loop, sql::migrate(*database_, migrations(), now),
                        [&answer](const std::exception_ptr& thrown, Result<std::vector<std::string>> result) {
                          if (thrown) std::rethrow_exception(thrown);
                          answer = std::move(result);
                        });
  loop.run();
  return *std::move(answer);
}

}  // namespace izpo::sqlite
