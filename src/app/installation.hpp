#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "base/task.hpp"
#include "ports/stores.hpp"

// The files an installation consists of. Every failure is one line for the operator.
namespace izpo::app {

// Makes the data directory (mode 0700) and the one of the database when they are missing.
std::expected<void, std::string> make_directories(const Settings& settings);

// The directory in which a restore puts everything together, inside the data directory. It is there from the
// beginning of a restore to its end, however it ends: without a database beside it, it has not ended well.
std::filesystem::path unfinished_restore(const Settings& settings);

// Whether SQLite's file is there. The error says what keeps this user from looking, or that there is an
// unfinished restore instead, with which nothing but another restore may begin.
std::expected<bool, std::string> has_database(const Settings& settings);

struct OpenedStore {
  std::unique_ptr<Stores> store;
  std::vector<std::string> migrated;  // the migrations that were missing and are applied now
  std::string epoch;
};

// Opens the database and brings it up to date; its directories exist. PostgreSQL's connections live on
// `loops`, which need not run yet and outlive the store; with none, on a thread of the store's own.
std::expected<OpenedStore, std::string> open_store(const Settings& settings,
                                                   const std::vector<Executor>& loops = {});

// A database of the FastAPI version, which open_store refuses, becomes one of ours, in place.
struct TakingOver {
  bool was_needed = false;         // false: there is nothing of that version
  std::vector<std::string> lines;  // what was found and repaired
};
// `owner` (may be empty) is the username of who gets what has no owner; a rehearsal undoes everything at its
// end.
std::expected<TakingOver, std::string> take_over(const Settings& settings, const std::string& owner,
                                                 bool rehearse);

// Which database it is, for lines that people read.
std::string shown_database(const Settings& settings);

// SECRET_KEY, or the one kept in the data directory.
std::expected<std::string, std::string> signing_key(const Settings& settings);

}  // namespace izpo::app
