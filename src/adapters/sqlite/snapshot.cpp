#include "adapters/sqlite/snapshot.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "adapters/sqlite/connection.hpp"
#include "domain/reasons.hpp"

namespace izpo::sqlite {
namespace {

namespace fs = std::filesystem;

// So many of SQLite's instructions between two questions: some milliseconds.
constexpr int kInstructions = 100'000;

constexpr sql::Statement kIntegrity("PRAGMA integrity_check(1)");
constexpr sql::Statement kReferences("SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1");
constexpr sql::Statement kHasBlobs("SELECT 1 FROM pragma_table_info('file_uploads') WHERE name = 'blob'");
constexpr sql::Statement kBlobs(
    "SELECT DISTINCT blob FROM file_uploads WHERE blob IS NOT NULL AND deleted_at IS NULL ORDER BY blob");
constexpr sql::Statement kDelete(
    "UPDATE file_uploads SET deleted_at = $2 WHERE blob = $1 AND deleted_at IS NULL");

std::unexpected<Error> about(const fs::path& file, Error error) {
  error.log_detail = fmt::format("{}: {}", file.string(), error.log_detail);
  return fail(std::move(error));
}

int stops(void* goes_on) {
  return (*static_cast<std::function<bool()>*>(goes_on))() ? 0 : 1;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

Result<void> check(Connection& connection) {
  IZPO_TRY(const sql::Rows integrity, connection.query(kIntegrity, {}));
  if (std::string found = integrity.row(0).text(); found != "ok") {
    std::ranges::replace(found, '\n', ' ');
    return fail(Error(reason::kStorageUnavailable, "is damaged: " + found));
  }
  IZPO_TRY(const sql::Rows references, connection.query(kReferences, {}));
  if (references.empty()) return {};
  sql::Row first = references.row(0);
  const std::string table = first.text();
  return fail(
      Error(reason::kStorageUnavailable,
            fmt::format("is damaged: a row of {} names one of {} that is missing", table, first.text())));
}

}  // namespace

Result<void> copy_database(const fs::path& database, const fs::path& into, std::function<bool()> goes_on) {
  IZPO_TRY(Connection connection, Connection::open(database, Access::kRead));
  // Its own file is only read all the same; query_only forbids to write another, too.
  IZPO_CHECK(connection.script("PRAGMA query_only = OFF"));
  sqlite3_progress_handler(connection.native(), kInstructions, stops, &goes_on);
  auto copied = connection.script("VACUUM INTO " + quoted(into.string()));
  if (copied) return {};
  if (sqlite3_errcode(connection.native()) == SQLITE_INTERRUPT)
    return fail(Error(reason::kShuttingDown, "interrupted"));
  Error error = std::move(copied).error();
  error.log_detail = fmt::format("cannot copy the database into {}: {}", into.string(), error.log_detail);
  return fail(std::move(error));
}

Result<void> check_database(const fs::path& database) {
  IZPO_TRY(Connection connection, Connection::open(database, Access::kRead));
  auto checked = check(connection);
  return checked ? checked : about(database, std::move(checked).error());
}

Result<std::vector<std::string>> blobs_of_files(const fs::path& database) {
  IZPO_TRY(Connection connection, Connection::open(database, Access::kRead));
  auto has_blobs = connection.query(kHasBlobs, {});
  if (!has_blobs) return about(database, std::move(has_blobs).error());
  if (has_blobs->empty()) return std::vector<std::string>();
  auto rows = connection.query(kBlobs, {});
  if (!rows) return about(database, std::move(rows).error());
  return sql::read_all(*rows, [](sql::Row& row) { return row.text(); });
}

Result<void> delete_files_of(const fs::path& database, std::span<const std::string> blobs, Timestamp now) {
  IZPO_TRY(Connection connection, Connection::open(database, Access::kRead));
  IZPO_CHECK(connection.script("PRAGMA query_only = OFF"));
  for (const std::string& blob : blobs) {
    const std::array<sql::Value, 2> params{std::string_view(blob), now};
    if (auto done = connection.query(kDelete, params); !done) return about(database, std::move(done).error());
  }
  return {};
}

}  // namespace izpo::sqlite
