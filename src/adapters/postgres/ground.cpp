#include "adapters/postgres/ground.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/statement.hpp"
#include "adapters/sql/tables.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

std::unexpected<Error> refuse(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

// As it stands in a statement.
std::string identifier(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!name.empty() && !(name.front() >= '0' && name.front() <= '9') && std::ranges::all_of(name, is_plain))
    return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string user_of(const Address& address) {
  const std::string_view user = address.value("user");
  return user.empty() ? "USER" : identifier(user);
}

// A statement is a constant, so this is made once.
const sql::Statement& taken_names() {
  static const std::string text = [] {
    std::string names = "'schema_migrations'";
    for (const sql::Table& table : sql::all_tables()) names += fmt::format(", '{}'", table.name);
    return fmt::format(
        "SELECT name FROM unnest(ARRAY[{}]) AS name WHERE to_regclass(name) IS NOT NULL "
        "AND (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('schema_migrations') "
        "AND attname IN ('number', 'name', 'sha256', 'applied_at') AND NOT attisdropped) < 4 "
        "AND (name = 'schema_migrations' OR to_regclass('users') IS NULL OR to_regclass('user_rooms') IS "
        "NULL)",
        names);
  }();
  static const sql::Statement statement{std::string_view(text)};
  return statement;
}

constexpr sql::Statement kAboutDatabase(
    "SELECT current_setting('server_encoding'), current_schema() IS NOT NULL");
constexpr sql::Statement kHasFastApiTables(
    "SELECT to_regclass('users') IS NOT NULL AND to_regclass('user_rooms') IS NOT NULL AND NOT EXISTS "
    "(SELECT FROM pg_attribute WHERE attrelid = to_regclass('users') AND attname = 'username_key' AND NOT "
    "attisdropped)");

// After `beginning`, where PostgreSQL's words have it.
std::string_view rest_after(std::string_view line, std::string_view beginning) {
  const std::size_t at = line.find(beginning);
  return at == std::string_view::npos ? std::string_view() : line.substr(at + beginning.size());
}

// PostgreSQL may speak another language: then all is said that can be missing.
std::string advice(std::string_view line, const Address& address) {
  const std::string user = user_of(address);
  if (const auto schema = rest_after(line, "permission denied for schema "); !schema.empty()) {
    return fmt::format("let the owner of the schema or a superuser run GRANT CREATE ON SCHEMA {} TO {}",
                       identifier(schema), user);
  }
  if (line.contains("temporary tables")) {
    return fmt::format(
        "let the owner of the database or a superuser run GRANT TEMPORARY ON DATABASE {} TO {}",
        identifier(address.value("dbname")), user);
  }
  for (const std::string_view words : {"must be owner of table ", "permission denied for table "}) {
    const auto table = rest_after(line, words);
    if (table.empty()) continue;
    return fmt::format(
        "the tables must be the user's own: let a superuser run ALTER TABLE {} OWNER TO {}, and the same for "
        "each of the others",
        identifier(table), user);
  }
  return fmt::format(
      "the user must own the tables and may CREATE in their schema: let a superuser run ALTER TABLE NAME "
      "OWNER TO {} for each of them, and GRANT CREATE ON SCHEMA public TO {}",
      user, user);
}

}  // namespace

Task<Result<void>> check_database(sql::Session& session, const Address& address) {
  IZPO_CO_TRY(const sql::Rows rows, co_await session.query(kAboutDatabase, {}));
  sql::Row row = rows.row(0);
  if (const std::string encoding = row.text(); encoding != "UTF8") {
    co_return refuse(fmt::format(
        "the text of the database {} is {}, and must be UTF-8: make one with CREATE DATABASE NAME "
        "ENCODING 'UTF8' TEMPLATE template0",
        address.shown, encoding));
  }
  if (row.flag()) co_return Result<void>();
  const std::string user = user_of(address);
  co_return refuse(fmt::format(
      "in the database {} no schema of the search_path is there and may be used: let the owner of "
      "the database or a superuser run GRANT USAGE, CREATE ON SCHEMA public TO {}, or correct the "
      "path with ALTER ROLE {} SET search_path = public",
      address.shown, user, user));
}

Task<Result<void>> check_names(sql::Session& session, const Address& address) {
  IZPO_CO_TRY(const sql::Rows rows, co_await session.query(taken_names(), {}));
  if (rows.empty()) co_return Result<void>();
  const auto names = sql::read_all(rows, [](sql::Row& row) { return row.text(); });
  co_return refuse(
      fmt::format("the database {} has tables of another program that are in the way ({}): rename or drop "
                  "them, or use another schema (CREATE SCHEMA chat; ALTER ROLE {} SET search_path = chat)",
                  address.shown, fmt::join(names, ", "), user_of(address)));
}

Task<Result<bool>> has_fastapi_tables(sql::Session& session) {
  IZPO_CO_TRY(const sql::Rows rows, co_await session.query(kHasFastApiTables, {}));
  co_return rows.row(0).flag();
}

void add_advice(Error& error, const Address& address) {
  if (error.log_detail.contains(" 42501: "))  // insufficient_privilege
    error.log_detail += fmt::format("; in {}: {}", address.shown, advice(error.log_detail, address));
}

}  // namespace izpo::postgres
