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
// detail is a line for the operator. `first` is what each transaction begins with, where it takes more than a
// transaction to be alone.
Task<Result<std::vector<std::string>>> migrate(Database& database, std::span<const Migration> all,
                                               Timestamp now, std::string_view first = {});

// The same in a transaction of the caller's, all of it or nothing.
Task<Result<std::vector<std::string>>> migrate_in(Session& session, std::span<const Migration> all,
                                                  Timestamp now);

// What a database has of its migrations, for missing_of.
extern const Statement kApplied;

// Which of `all` are not among the rows of kApplied. Fails as migrate does.
Result<std::vector<Migration>> missing_of(const Rows& applied, std::span<const Migration> all);

// Notes that the database has what these migrations make, in a transaction of the caller's: what made it
// otherwise (a take-over of tables that are older) leaves the rest to migrate_in.
Task<Result<void>> record(Session& session, std::span<const Migration> done, Timestamp now);

}  // namespace izpo::sql
