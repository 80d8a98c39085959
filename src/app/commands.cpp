#include "app/commands.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "app/installation.hpp"

namespace izpo::app {

int report_failure(std::string_view what) {
  fmt::print(stderr, "izpochat: {}\n", what);
  return kFailed;
}

std::string no_database(const Settings& settings) {
  return fmt::format(
      "there is no database {}: does --data-dir or DATA_DIR name another directory than the server's?",
      settings.database_path().string());
}

int migrate(const MigrateCommand& command, const Settings& settings) {
  if (const auto made = make_directories(settings); !made) return report_failure(made.error());
  const auto start = std::chrono::steady_clock::now();
  const auto taken = take_over(settings, command.owner, command.dry_run);
  if (!taken) return report_failure(taken.error());
  for (const std::string& line : taken->lines) fmt::print("{}\n", line);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (taken->was_needed && command.dry_run) {
    fmt::print("rehearsed in {:.1f} s: nothing was changed\n", seconds.count());
  } else if (taken->was_needed) {
    fmt::print("taken over in {:.1f} s: the FastAPI version must not write to this database any more\n",
               seconds.count());
  } else if (command.dry_run) {
    fmt::print("nothing to rehearse: these are not the tables of the FastAPI version ({})\n",
               shown_database(settings));
  }
  if (taken->was_needed || command.dry_run) return kDone;
  auto opened = open_store(settings);
  if (!opened) return report_failure(opened.error());
  for (const std::string& name : opened->migrated) fmt::print("applied {}\n", name);
  if (opened->migrated.empty())
    fmt::print("nothing to do: the database is up to date ({})\n", shown_database(settings));
  opened->store->close();
  return kDone;
}

}  // namespace izpo::app
