#include "app/installation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/postgres/store.hpp"
#include "adapters/sqlite/store.hpp"
#include "adapters/system/clock.hpp"
#include "adapters/system/random.hpp"
#include "app/postgres_options.hpp"
#include "app/secret_key.hpp"

namespace izpo::app {
namespace {

namespace fs = std::filesystem;

std::expected<void, std::string> make_directory(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) fs::create_directories(directory, error);
  if (error) {
    return std::unexpected(
        fmt::format("cannot make the directory {}: {}; make it, or choose another DATA_DIR",
                    directory.string(), error.message()));
  }
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) == 0) return {};
  return std::unexpected(
      fmt::format("cannot write in the directory {}: {}; give it to this user, or choose another DATA_DIR",
                  directory.string(), std::generic_category().message(errno)));
}

std::expected<bool, std::string> is_there(const fs::path& path) {
  std::error_code error;
  const bool found = fs::exists(path, error);
  if (error) return std::unexpected(fmt::format("cannot look for {}: {}", path.string(), error.message()));
  return found;
}

template <class Store>
std::expected<OpenedStore, std::string> brought_up_to_date(std::unique_ptr<Store> store) {
  auto migrated = store->migrate(system::SystemClock().now());
  if (!migrated) return std::unexpected(std::move(migrated).error().log_detail);
  auto epoch = store->read_epoch();
  if (!epoch) return std::unexpected(std::move(epoch).error().log_detail);
  return OpenedStore{.store = std::move(store), .migrated = *std::move(migrated), .epoch = *std::move(epoch)};
}

std::expected<OpenedStore, std::string> open_postgres(const Settings& settings,
                                                      const std::vector<Executor>& loops) {
  auto options = postgres_options(settings, loops);
  if (!options) return std::unexpected(std::move(options).error());
  auto opened = brought_up_to_date(std::make_unique<postgres::Store>(at_start(*options)));
  if (!opened) return opened;
  opened->store->close();
  opened->store = std::make_unique<postgres::Store>(*std::move(options));
  return opened;
}

}  // namespace

std::expected<void, std::string> make_directories(const Settings& settings) {
  if (auto made = make_directory(settings.data_dir); !made) return made;
  if (settings.uses_postgres()) return {};
  const fs::path beside = settings.database_path().parent_path();
  return beside.empty() ? std::expected<void, std::string>() : make_directory(beside);
}

fs::path unfinished_restore(const Settings& settings) {
  return settings.data_dir / "restore.unfinished";
}

std::expected<bool, std::string> has_database(const Settings& settings) {
  auto found = is_there(settings.database_path());
  if (!found || *found) return found;
  found = is_there(unfinished_restore(settings));
  if (!found || !*found) return found;
  return std::unexpected(fmt::format(
      "a restore into {} did not end, so there is no database: do it again with `izpochat restore`, "
      "into the same directory",
      settings.data_dir.string()));
}

std::expected<OpenedStore, std::string> open_store(const Settings& settings,
                                                   const std::vector<Executor>& loops) {
  if (settings.uses_postgres()) return open_postgres(settings, loops);
  if (const auto has = has_database(settings); !has) return std::unexpected(has.error());
  auto opened = sqlite::Store::open({.file = settings.database_path()});
  if (!opened) return std::unexpected(std::move(opened).error().log_detail);
  return brought_up_to_date(*std::move(opened));
}

std::expected<TakingOver, std::string> take_over(const Settings& settings, const std::string& owner,
                                                 bool rehearse) {
  if (!settings.uses_postgres()) return TakingOver{};
  auto options = postgres_options(settings, {});
  if (!options) return std::unexpected(std::move(options).error());
  postgres::Store store(at_start(*std::move(options)));
  postgres::TakeOverOptions how{.owner = std::nullopt, .rehearse = rehearse};
  if (!owner.empty()) how.owner = owner;
  auto taken = store.take_over(std::move(how), system::SystemClock().now());
  store.close();
  if (!taken) return std::unexpected(std::move(taken).error().log_detail);
  return TakingOver{.was_needed = taken->was_needed, .lines = std::move(taken->lines)};
}

std::string shown_database(const Settings& settings) {
  if (!settings.uses_postgres()) return fmt::format("SQLite in {}", settings.database_path().string());
  const auto address = postgres::Address::parse(settings.database->postgres);
  return fmt::format("PostgreSQL at {}", address ? address->shown : "?");
}

std::expected<std::string, std::string> signing_key(const Settings& settings) {
  if (settings.secret_key) return *settings.secret_key;
  system::SystemRandom random;
  return kept_secret_key(settings.data_dir, random);
}

}  // namespace izpo::app
