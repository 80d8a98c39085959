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

constexpr sql::Statement kEncoding("SELECT current_setting('server_encoding')");
constexpr sql::Statement kHasFastApiTables(
    "SELECT to_regclass('users') IS NOT NULL AND to_regclass('user_rooms') IS NOT NULL AND NOT EXISTS "
    "(SELECT FROM pg_attribute WHERE attrelid = to_regclass('users') AND attname = 'username_key' AND NOT "
    "attisdropped)");

}  // namespace

Task<Result<void>> check_text(sql::Session& session, const Address& address) {
  IZPO_CO_TRY(const sql::Rows rows, co_await session.query(kEncoding, {}));
  const std::string encoding = rows.row(0).text();
  if (encoding == "UTF8") co_return Result<void>();
  co_return refuse(
      fmt::format("the text of the database {} is {}, and must be UTF-8: make one with CREATE DATABASE NAME "
                  "ENCODING 'UTF8' TEMPLATE template0",
                  address.shown, encoding));
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

}  // namespace izpo::postgres
