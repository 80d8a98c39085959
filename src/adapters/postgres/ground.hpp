#pragma once

#include "adapters/postgres/address.hpp"
#include "adapters/sql/database.hpp"
#include "base/error.hpp"
#include "base/task.hpp"

// Whether a database can hold our tables: asked, under kAlone, by everybody who makes or changes them, before
// they do. What fails does so with kStorageUnavailable; the detail is a line for the operator.
namespace izpo::postgres {

// Fails when text there is not UTF-8, or the user sees no schema in which tables could be.
Task<Result<void>> check_database(sql::Session& session, const Address& address);

// Fails when tables of another program have names of ours. They are ours where schema_migrations is, and that
// is known by its columns. Beside the FastAPI version's tables only a schema_migrations is named.
Task<Result<void>> check_names(sql::Session& session, const Address& address);

// Whether the tables are the FastAPI version's, and were not taken over.
Task<Result<bool>> has_fastapi_tables(sql::Session& session);

// Where `error` is that of a missing right, its line goes on with the statement that gives the right, and who
// can run it.
void add_advice(Error& error, const Address& address);

}  // namespace izpo::postgres
