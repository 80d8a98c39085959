#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/database.hpp"

namespace izpo::sql {

// One file of migrations/, embedded at build time.
struct Migration {
  int number = 0;
  std::string_view name;  // "0001_initial"
  std::string_view sha256;
  std::string_view text;
};

// Applies what is missing, in order, each in a transaction of its own, and returns the names. Safe to repeat,
// and to run from two processes at once. Changes nothing and fails with kStorageUnavailable when the database
// has a migration that is not among `all` (it is newer than this program) or had another text; the error's
// detail is a line for the operator.
Task<Result<std::vector<std::string>>> migrate(Database& database, std::span<const Migration> all,
                                               Timestamp now);

}  // namespace izpo::sql
