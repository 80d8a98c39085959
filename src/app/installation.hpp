#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/store.hpp"
#include "app/settings.hpp"

// The files an installation consists of. Every failure is one line for the operator.
namespace izpo::app {

// Makes the data directory (mode 0700) and the one of the database when they are missing.
std::expected<void, std::string> make_directories(const Settings& settings);

struct OpenedStore {
  std::unique_ptr<sqlite::Store> store;
  std::vector<std::string> migrated;  // the migrations that were missing and are applied now
};

// Opens the database and brings it up to date. Their directories exist.
std::expected<OpenedStore, std::string> open_store(const Settings& settings);

// SECRET_KEY, or the one kept in the data directory.
std::expected<std::string, std::string> signing_key(const Settings& settings);

}  // namespace izpo::app
