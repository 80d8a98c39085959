#pragma once

#include <expected>
#include <string>
#include <vector>

#include "adapters/postgres/database.hpp"
#include "app/settings.hpp"
#include "base/task.hpp"

namespace izpo::app {

// How a server is on the PostgreSQL of the settings; its connections live on `loops`. Fails with one line for
// the operator.
std::expected<postgres::DatabaseOptions, std::string> postgres_options(const Settings& settings,
                                                                       const std::vector<Executor>& loops);

// The same for what is done to the database before a server starts, or without one: on one connection, on a
// thread of its own, and as long as it takes.
postgres::DatabaseOptions at_start(postgres::DatabaseOptions options);

}  // namespace izpo::app
