#include "adapters/sql/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
    "sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)";
constexpr Statement kApplied("SELECT number, name, sha256 FROM schema_migrations ORDER BY number");
constexpr Statement kInsert(
    "INSERT INTO schema_migrations (number, name, sha256, applied_at) VALUES ($1, $2, $3, $4)");

struct Applied {
  std::int64_t number = 0;
  std::string name;
  std::string sha256;
};

// Which were applied, after a look that all of them are known here.
Task<Result<std::vector<Applied>>> read_applied(Session& session, std::span<const Migration> all) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(kApplied, {}));
  auto applied = read_all(rows, [](Row& row) {
    return Applied{.number = row.integer(), .name = row.text(), .sha256 = row.text()};
  });
  for (const Applied& one : applied) {
    const auto known = std::ranges::find(all, one.number, &Migration::number);
    if (known == all.end()) {
      co_return fail(Error(reason::kStorageUnavailable,
                           fmt::format("the database is newer than this program (it has migration {}): "
                                       "install the version that made it, or a later one",
                                       one.name)));
    }
    if (known->sha256 != one.sha256) {
      co_return fail(
          Error(reason::kStorageUnavailable,
                fmt::format("migration {} was applied to the database with another text", one.name)));
    }
  }
  co_return applied;
}

}  // namespace

Task<Result<std::vector<std::string>>> migrate(Database& database, std::span<const Migration> all,
                                               Timestamp now) {
  IZPO_CO_CHECK(co_await database.write([](Session& session) { return session.script(kCreateTable); }));
  std::vector<std::string> names;
  for (const Migration& migration : all) {
    IZPO_CO_TRY(const bool done, co_await database.write([&](Session& session) -> Task<Result<bool>> {
      IZPO_CO_TRY(const auto applied, co_await read_applied(session, all));
      if (std::ranges::find(applied, migration.number, &Applied::number) != applied.end()) co_return false;
      IZPO_CO_CHECK(co_await session.script(migration.text));
      IZPO_CO_CHECK(co_await session.query(
          kInsert, {migration.number, migration.name, migration.sha256, to_micros(now)}));
      co_return true;
    }));
    if (done) names.emplace_back(migration.name);
  }
  co_return names;
}

}  // namespace izpo::sql
