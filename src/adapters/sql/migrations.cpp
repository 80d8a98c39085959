#include "adapters/sql/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
    "sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)";
constexpr Statement kInsert(
    "INSERT INTO schema_migrations (number, name, sha256, applied_at) VALUES ($1, $2, $3, $4)");

Task<Result<void>> note(Session& session, const Migration& migration, Timestamp now) {
  IZPO_CO_CHECK(
      co_await session.query(kInsert, {migration.number, migration.name, migration.sha256, to_micros(now)}));
  co_return Result<void>();
}

// False: the database has it.
Task<Result<bool>> apply(Session& session, std::span<const Migration> all, const Migration& migration,
                         Timestamp now) {
  IZPO_CO_TRY(const Rows applied, co_await session.query(kApplied, {}));
  IZPO_CO_TRY(const auto missing, missing_of(applied, all));
  if (std::ranges::find(missing, migration.number, &Migration::number) == missing.end()) co_return false;
  IZPO_CO_CHECK(co_await session.script(migration.text));
  IZPO_CO_CHECK(co_await note(session, migration, now));
  co_return true;
}

}  // namespace

constexpr Statement kApplied("SELECT number, name, sha256 FROM schema_migrations ORDER BY number");

Result<std::vector<Migration>> missing_of(const Rows& applied, std::span<const Migration> all) {
  std::vector<Migration> missing(all.begin(), all.end());
  for (std::size_t i = 0; i < applied.size(); ++i) {
    Row row = applied.row(i);
    const std::int64_t number = row.integer();
    const std::string name = row.text();
    const auto known = std::ranges::find(all, number, &Migration::number);
    if (known == all.end()) {
      return fail(Error(reason::kStorageUnavailable,
                        fmt::format("the database is newer than this program (it has migration {}): "
                                    "install the version that made it, or a later one",
                                    name)));
    }
    if (known->sha256 != row.text()) {
      return fail(Error(reason::kStorageUnavailable,
                        fmt::format("migration {} was applied to the database with another text", name)));
    }
    std::erase_if(missing, [number](const Migration& migration) { return migration.number == number; });
  }
  return missing;
}

Task<Result<std::vector<std::string>>> migrate(Database& database, std::span<const Migration> all,
                                               Timestamp now, std::string_view first) {
  IZPO_CO_CHECK(co_await database.write([first](Session& session) -> Task<Result<void>> {
    if (!first.empty()) IZPO_CO_CHECK(co_await session.script(first));
    co_return co_await session.script(kCreateTable);
  }));
  std::vector<std::string> names;
  for (const Migration& migration : all) {
    IZPO_CO_TRY(const bool done, co_await database.write([&](Session& session) -> Task<Result<bool>> {
      if (!first.empty()) IZPO_CO_CHECK(co_await session.script(first));
      co_return co_await apply(session, all, migration, now);
    }));
    if (done) names.emplace_back(migration.name);
  }
  co_return names;
}

Task<Result<std::vector<std::string>>> migrate_in(Session& session, std::span<const Migration> all,
                                                  Timestamp now) {
  IZPO_CO_CHECK(co_await session.script(kCreateTable));
  std::vector<std::string> names;
  for (const Migration& migration : all) {
    IZPO_CO_TRY(const bool done, co_await apply(session, all, migration, now));
    if (done) names.emplace_back(migration.name);
  }
  co_return names;
}

Task<Result<void>> record(Session& session, std::span<const Migration> done, Timestamp now) {
  IZPO_CO_CHECK(co_await session.script(kCreateTable));
  for (const Migration& migration : done) IZPO_CO_CHECK(co_await note(session, migration, now));
  co_return Result<void>();
}

}  // namespace izpo::sql
