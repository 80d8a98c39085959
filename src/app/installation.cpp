#include "app/installation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/system/clock.hpp"
#include "adapters/system/random.hpp"
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

}  // namespace

std::expected<void, std::string> make_directories(const Settings& settings) {
  if (auto made = make_directory(settings.data_dir); !made) return made;
  const fs::path beside = settings.database_path().parent_path();
  return beside.empty() ? std::expected<void, std::string>() : make_directory(beside);
}

std::expected<OpenedStore, std::string> open_store(const Settings& settings) {
  auto opened = sqlite::Store::open({.file = settings.database_path()});
  if (!opened) return std::unexpected(std::move(opened).error().log_detail);
  auto migrated = (*opened)->migrate(system::SystemClock().now());
  if (!migrated) return std::unexpected(std::move(migrated).error().log_detail);
  return OpenedStore{*std::move(opened), *std::move(migrated)};
}

std::expected<std::string, std::string> signing_key(const Settings& settings) {
  if (settings.secret_key) return *settings.secret_key;
  system::SystemRandom random;
  return kept_secret_key(settings.data_dir, random);
}

}  // namespace izpo::app
