#include "app/commands.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/installation.hpp"

namespace izpo::app {

int report_failure(std::string_view what) {
  fmt::print(stderr, "izpochat: {}\n", what);
  return kFailed;
}

int migrate(const Settings& settings) {
  if (const auto made = make_directories(settings); !made) return report_failure(made.error());
  auto opened = open_store(settings);
  if (!opened) return report_failure(opened.error());
  for (const std::string& name : opened->migrated) fmt::print("applied {}\n", name);
  if (opened->migrated.empty())
    fmt::print("nothing to do: {} is up to date\n", settings.database_path().string());
  opened->store->close();
  return kDone;
}

}  // namespace izpo::app
