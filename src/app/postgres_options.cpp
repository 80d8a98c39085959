#include "app/postgres_options.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace izpo::app {
namespace {

// Connecting, and what a start asks, may take longer than a request may.
constexpr std::chrono::seconds kStartPatience{10};
constexpr std::chrono::hours kMigrationPatience{24};

}  // namespace

std::expected<postgres::DatabaseOptions, std::string> postgres_options(const Settings& settings,
                                                                       const std::vector<Executor>& loops) {
  auto address = postgres::Address::parse(settings.database->postgres);
  if (!address) return std::unexpected(fmt::format("DATABASE_URL: {}", address.error()));
  for (const std::string& note : address->notes) spdlog::warn("{}", note);
  postgres::DatabaseOptions options{.address = *std::move(address),
                                    .loops = loops,
                                    .connections = settings.database_connections,
                                    .patience = settings.database_timeout};
  if (settings.database_prepared_statements != "auto")
    options.prepares = settings.database_prepared_statements == "on";
  return options;
}

postgres::DatabaseOptions at_start(postgres::DatabaseOptions options) {
  options.loops.clear();
  options.connections = 1;
  options.patience = kMigrationPatience;
  options.connect_patience = kStartPatience;
  options.reports = false;  // the caller does
  return options;
}

}  // namespace izpo::app
