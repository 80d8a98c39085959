#pragma once

#include <string>

#include "adapters/sql/database.hpp"

namespace izpo::sql {

// Gives the history that the database tells another name, from now on (LineageStore::epoch). Servers read it
// when they start.
Task<Result<void>> begin_epoch(Database& database, std::string epoch);

}  // namespace izpo::sql
