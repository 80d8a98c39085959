#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/postgres/address.hpp"
#include "adapters/sql/database.hpp"
#include "adapters/sql/migrations.hpp"

namespace izpo::postgres {

struct TakeOverOptions {
  std::optional<std::string> owner;  // the username of who gets the rooms that have no owner
  bool rehearse = false;             // do all of it, and then undo it
};

struct TakeOver {
  bool was_needed = false;         // false: the database is empty, or was taken over before; nothing is said
  std::vector<std::string> lines;  // for the operator: what was found, and what was repaired, with counts
};

// Makes a database of the FastAPI version (tables users, rooms, user_rooms, messages, file_uploads, and none
// that has the name of another of ours) one of ours, in place and in one transaction, alone among all that
// migrate; `address` is the database's, `all` are PostgreSQL's migrations, of which none is missing then.
// Rows keep their ids, and columns that are not ours stay. Give it a database with all the patience of the
// world: nothing waits in this transaction but for the old tables' lock, ten seconds.
//
// Fails with kStorageUnavailable; the detail is a line for the operator. Nothing has changed then: neither
// when something stands in the way (an owner is wanted, somebody uses the tables, a view hangs on them, a
// name of ours is taken, text is not UTF-8), nor when PostgreSQL refuses, nor when the tables are another
// program's.
Task<Result<TakeOver>> take_over(sql::Database& database, const Address& address,
                                 std::span<const sql::Migration> all, TakeOverOptions options, Timestamp now);

}  // namespace izpo::postgres
