#include "adapters/sqlite/table_reader.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "adapters/sqlite/migrations.hpp"
#include "domain/reasons.hpp"

namespace izpo::sqlite {
namespace {

constexpr sql::Statement kIsOurs(
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('schema_migrations', "
    "'installation')");

std::unexpected<Error> failure(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

}  // namespace

Result<std::unique_ptr<TableReader>> TableReader::open(const std::filesystem::path& file) {
  IZPO_TRY(Connection connection, Connection::open(file, Access::kRead));
  std::unique_ptr<TableReader> reader(new TableReader(std::move(connection)));
  const auto checked = reader->check_version();
  if (!checked) return failure(fmt::format("{}: {}", file.string(), checked.error().log_detail));
  return reader;
}

Result<void> TableReader::check_version() {
  IZPO_CHECK(connection_.begin());
  IZPO_TRY(const sql::Rows ours, connection_.query(kIsOurs, {}));
  if (ours.row(0).integer() < 2) return failure("this is no database of IzpoChat");
  IZPO_TRY(const sql::Rows applied, connection_.query(sql::kApplied, {}));
  IZPO_TRY(const auto missing, sql::missing_of(applied, migrations()));
  if (missing.empty()) return {};
  return failure(
      "the database is of an earlier version: make a backup, and bring it up to date with `izpochat "
      "migrate`");
}

Result<Prepared> TableReader::prepare(const std::string& text) {
  sqlite3_stmt* native = nullptr;
  const int code = sqlite3_prepare_v2(connection_.native(), text.c_str(), -1, &native, nullptr);
  if (code != SQLITE_OK)
    return failure(fmt::format("SQLite error {}: {}", code, sqlite3_errmsg(connection_.native())));
  return Prepared(native);
}

Result<std::int64_t> TableReader::number(const std::string& text) {
  IZPO_TRY(Prepared prepared, prepare(text));
  IZPO_TRY(const bool found, prepared.step());
  return found ? prepared.integer(0) : 0;
}

Result<std::int64_t> TableReader::count(const sql::Table& table) {
  return number(fmt::format("SELECT count(*) FROM {}", table.name));
}

Result<std::int64_t> TableReader::last_id(const sql::Table& table) {
  return number(
      fmt::format("SELECT max((SELECT coalesce(max(id), 0) FROM {0}), "
                  "(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '{0}'))",
                  table.name));
}

Result<void> TableReader::begin(const sql::Table& table) {
  rows_.reset();
  IZPO_TRY(rows_, prepare(fmt::format("SELECT {} FROM {} ORDER BY {}", sql::columns_of(table), table.name,
                                      table.key)));
  return {};
}

Result<bool> TableReader::next(std::span<sql::Cell> cells) {
  IZPO_TRY(const bool found, rows_->step());
  if (!found) return false;
  for (int column = 0; sql::Cell & cell : cells) {
    switch (sqlite3_column_type(rows_->native(), column)) {
      case SQLITE_NULL: cell = {}; break;
      case SQLITE_INTEGER:
        cell = {.kind = sql::Cell::Kind::kInteger, .number = rows_->integer(column), .text = {}};
        break;
      default: cell = {.kind = sql::Cell::Kind::kText, .number = 0, .text = rows_->text(column)}; break;
    }
    ++column;
  }
  return true;
}

}  // namespace izpo::sqlite
