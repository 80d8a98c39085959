#include <gtest/gtest.h>

#include <map>
#include <string>

#include "adapters/postgres/store.hpp"
#include "adapters/sql/tables.hpp"
#include "adapters/sqlite/store.hpp"
#include "contract/postgres_database.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);

// The columns of every table, by "table.column", with the database's own name of their type.
using Columns = std::map<std::string, std::string>;

Columns columns_of(sql::Database& database, const sql::Statement& statement) {
  return run_task(database.read([&](sql::Session& session) -> Task<Result<Columns>> {
           IZPO_CO_TRY(const sql::Rows rows, co_await session.query(statement, {}));
           Columns columns;
           for (std::size_t i = 0; i < rows.size(); ++i) {
             sql::Row row = rows.row(i);
             std::string name = row.text();
             columns[std::move(name)] = row.text();
           }
           co_return columns;
         }))
      .value();
}

Columns listed(const std::map<sql::ColumnKind, std::string>& types) {
  Columns columns;
  for (const sql::Table& table : sql::all_tables()) {
    for (const sql::Column& column : table.columns)
      columns[std::string(table.name) + "." + std::string(column.name)] = types.at(column.kind);
  }
  return columns;
}

// What a migration adds and the list does not have would not be copied.
TEST(TablesOfACopy, AreAllThatPostgresqlHas) {
  static constexpr sql::Statement kColumns(
      "SELECT c.table_name || '.' || c.column_name, CAST(c.data_type AS text) FROM "
      "information_schema.columns c "
      "WHERE c.table_schema = 'public' AND c.table_name <> 'schema_migrations'");
  const PostgresDatabase database;
  postgres::Store store(database.options());
  ASSERT_TRUE(store.migrate(kNow));
  using enum sql::ColumnKind;
  EXPECT_EQ(columns_of(store.database(), kColumns), listed({{kInteger, "integer"},
                                                            {kNumber, "bigint"},
                                                            {kFlag, "boolean"},
                                                            {kTime, "timestamp with time zone"},
                                                            {kText, "text"},
                                                            {kBytes, "bytea"}}));
}

TEST(TablesOfACopy, AreAllThatSqliteHas) {
  static constexpr sql::Statement kColumns(
      "SELECT t.name || '.' || c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c "
      "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'schema_migrations'");
  const TemporaryDirectory directory;
  auto store = sqlite::Store::open({.file = directory.path() / "chat.db"}).value();
  ASSERT_TRUE(store->migrate(kNow));
  using enum sql::ColumnKind;
  EXPECT_EQ(columns_of(store->database(), kColumns), listed({{kInteger, "INTEGER"},
                                                             {kNumber, "INTEGER"},
                                                             {kFlag, "INTEGER"},
                                                             {kTime, "INTEGER"},
                                                             {kText, "TEXT"},
                                                             {kBytes, "BLOB"}}));
}

}  // namespace
}  // namespace izpo::testing
