#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "adapters/postgres/address.hpp"
#include "base/error.hpp"

namespace izpo::postgres {

// What an error of PostgreSQL means for the transaction in which it came.
enum class Fate : std::uint8_t {
  kFailed,        // the statement cannot be: say so
  kAgain,         // PostgreSQL undid the transaction for another's sake: the same one may go through now
  kLocked,        // another transaction holds a row for longer than we wait
  kUnprepared,    // a prepared statement no longer fits the tables: prepare anew, and go again
  kPooled,        // a prepared statement is not where it was made: there is a pooler between
  kDisconnected,  // the connection is of no use any more
};

struct Failure {
  Error error;
  Fate fate = Fate::kFailed;
};

// Of a result that is an error. The reasons are sql::kUniqueViolation, sql::kForeignKeyViolation,
// kStorageFull and kStorageUnavailable; the detail has PostgreSQL's own words and its SQLSTATE.
Failure failure_of(const PGresult& result);

// kStorageUnavailable, with when to come back.
Error unavailable(std::string detail);

// Why no connection could be had, as one line for an operator that says what to do. `message` is libpq's,
// with PQERRORS_VERBOSE.
std::string cannot_connect(const Address& address, std::string_view message);

// What `message`, of a connection that failed, says. The first: that PostgreSQL is still starting.
bool is_starting(std::string_view message);
// That it was reached and lets this user or this database not in: its other hosts would say the same.
bool is_final(std::string_view message);
// That it does not know a parameter that libpq sends when it connects: it is a pooler.
bool is_unsupported_parameter(std::string_view message);

}  // namespace izpo::postgres
