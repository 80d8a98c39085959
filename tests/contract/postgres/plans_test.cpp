#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "adapters/postgres/store.hpp"
#include "adapters/postgres/transaction.hpp"
#include "contract/postgres_database.hpp"
#include "support/run_task.hpp"

namespace izpo::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

// How PostgreSQL plans the stores' statements, over tables that are long enough for it to have a choice. A
// plan is made once for all values (plan_cache_mode is force_generic_plan), so what EXPLAIN shows is what is
// used.
class PostgresPlansTest : public ::testing::Test {
 protected:
  static constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);
  static constexpr RoomId kRoom{1};
  static constexpr UserId kUser{1};

  PostgresPlansTest() {
    if (const auto migrated = store_.migrate(kNow); !migrated)
      throw std::runtime_error(migrated.error().log_detail);
  }

  void fill() {
    database_.execute(
        "INSERT INTO users (username, username_key, username_skeleton, email, email_key, hashed_password, "
        "created_at) "
        "SELECT 'u' || i, 'u' || i, 'u' || i, 'u' || i, 'u' || i, 'x', now() FROM generate_series(1, 5000) i;"
        "INSERT INTO rooms (name, owner_id, created_at) "
        "SELECT 'r' || i, 1 + i % 5000, now() FROM generate_series(1, 6000) i;"
        "INSERT INTO user_rooms (room_id, user_id, joined_at) "
        "SELECT r, u, now() FROM generate_series(1, 1000) r, generate_series(1, 50) u;"
        "INSERT INTO file_uploads (original_filename, stored_filename, file_size, content_type, public_url, "
        "uploader_id, "
        "uploaded_at, blob) SELECT 'f', 's' || i, 1, 'text/plain', '', 1 + i % 500, now(), 'b' || i "
        "FROM generate_series(1, 20000) i;"
        "INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, client_id, content, file_id) "
        "SELECT 1 + i % 10, 1 + i % 50, i / 10 + 1, i / 10 + 1, now(), 'c' || i, 'hola', "
        "CASE WHEN i % 50 = 0 THEN 1 + i % 20000 END FROM generate_series(0, 59999) i;"
        "INSERT INTO sessions (user_id, created_at, expires_at, ended_at) SELECT 1 + i % 5000, now(), now(), "
        "CASE WHEN i % 3 > 0 THEN now() END FROM generate_series(1, 20000) i;"
        "INSERT INTO refresh_tokens (token_hash, session_id) "
        "SELECT decode(md5(i::text), 'hex'), i FROM generate_series(1, 20000) i;"
        "UPDATE rooms SET last_seq = 6000 WHERE id <= 10; ANALYZE");
  }

  static postgres::DatabaseOptions one_connection(postgres::DatabaseOptions options) {
    options.connections = 1;
    return options;
  }

  template <class T>
  static void run(Task<Result<T>> task) {
    const Result<T> result = run_task(std::move(task));
    if (!result && result.error().reason.code == ErrorCode::kUnavailable)
      throw std::runtime_error(result.error().log_detail);
  }

  using Plans = std::map<std::string, std::string>;

  // Of every statement that the stores' connection keeps prepared, its plan.
  Plans plans() {
    Plans result;
    const auto read =
        run_task(store_.database().read([&](sql::Session& session) { return explain_all(session, result); }));
    if (!read) throw std::runtime_error(read.error().log_detail);
    return result;
  }

  // The same of the writer's.
  Plans writer_plans() {
    Plans result;
    const auto read = run_task(
        store_.database().write_directly([&](postgres::Connection& connection) -> Task<Result<void>> {
          postgres::Transaction transaction(connection, {.begin = postgres::kBeginRead,
                                                         .statement_timeout = std::chrono::seconds(60),
                                                         .lock_timeout = std::chrono::seconds(1)});
          IZPO_CO_CHECK(co_await explain_all(transaction, result));
          co_return co_await transaction.commit();
        }));
    if (!read) throw std::runtime_error(read.error().log_detail);
    return result;
  }

  Task<Result<void>> explain_all(sql::Session& session, Plans& result) {
    static constexpr sql::Statement kPrepared(
        "SELECT name, statement, coalesce(cardinality(parameter_types), 0) FROM pg_prepared_statements "
        "WHERE statement ~ '^\\(?(SELECT|WITH|UPDATE|INSERT|DELETE)' AND statement !~ "
        "'set_config|pg_prepared'");
    IZPO_CO_TRY(const sql::Rows prepared, co_await session.query(kPrepared, {}));
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      sql::Row row = prepared.row(i);
      const std::string name = row.text();
      const std::string text = row.text();
      std::string nulls;
      for (std::int64_t n = row.integer(); n > 0; --n) nulls += nulls.empty() ? "(NULL" : ", NULL";
      texts_.push_back(
          fmt::format("EXPLAIN (COSTS OFF) EXECUTE {}{}", name, nulls.empty() ? "" : nulls + ")"));
      const sql::Statement& explain = statements_.emplace_back(std::string_view(texts_.back()));
      IZPO_CO_TRY(const sql::Rows lines, co_await session.query(explain, {}));
      std::string& plan = result[text];
      for (std::size_t line = 0; line < lines.size(); ++line) plan += lines.row(line).text() + "\n";
    }
    co_return Result<void>();
  }

  static void expect_no_scans(const std::string& text, const std::string& plan) {
    for (const char* table :
         {"messages", "user_rooms", "users", "rooms", "sessions", "refresh_tokens", "file_uploads"})
      EXPECT_THAT(plan, Not(HasSubstr(fmt::format("Seq Scan on {} ", table)))) << text;
  }

  PostgresDatabase database_;
  postgres::Store store_{one_connection(database_.options())};
  std::deque<std::string> texts_;
  std::deque<sql::Statement> statements_;
};

// Whatever the length of a table: every row that is read is one that is wanted.
TEST_F(PostgresPlansTest, EveryStatementFindsItsRowsByAnIndex) {
  fill();
  run(store_.messages().history(kRoom, {}));
  run(store_.messages().history(kRoom, {.before = MessageId(50'000)}));
  run(store_.messages().history(kRoom, {.after = MessageId(50'000)}));
  run(store_.messages().history(kRoom, {.after = MessageId(70'000)}));
  run(store_.messages().history(kRoom, {.after_seq = Seq(5990)}));
  run(store_.messages().replay(kRoom, Seq(5000), 100));
  run(store_.messages().last_seq(kRoom));
  run(store_.rooms().find(kRoom, kUser));
  run(store_.rooms().find_all({RoomId(1), RoomId(2)}, kUser));
  run(store_.rooms().list_public({}));
  run(store_.rooms().list_of(kUser, {}));
  run(store_.members().preview({RoomId(1), RoomId(2)}, kUser, 100));
  run(store_.members().list(kRoom, {}));
  run(store_.members().ids(kRoom));
  run(store_.members().join(kRoom, UserId(4000), kNow));
  run(store_.users().find(kUser));
  run(store_.users().find_by_username("u77"));
  run(store_.users().find_credentials("u77"));
  run(store_.users().list({}));
  run(store_.sessions().find(SessionId(77)));
  run(store_.sessions().open(kUser, "x", TokenHash{}, kNow, kNow));
  run(store_.sessions().rotate(TokenHash{}, TokenHash{}, kNow, kNow));
  run(store_.sessions().ended_since(kNow));
  run(store_.files().find(FileId(77)));
  run(store_.files().is_posted_to(kUser, FileId(77)));
  run(store_.files().list_of(kUser, {}));
  run(store_.files().usage_of(kUser));
  run(store_.files().unreferenced({"b77"}, kNow));

  auto all = plans();
  EXPECT_GT(all.size(), 30U);
  run(store_.messages().append(
      {{.room = kRoom, .sender = kUser, .content = "hola", .client_id = "new", .file = FileId(1)}}, kNow));
  all.merge(writer_plans());
  EXPECT_THAT(all, Contains(Key(HasSubstr("INSERT INTO messages"))));
  for (const auto& [text, plan] : all) {
    expect_no_scans(text, plan);
    if (text.contains(" FROM messages m JOIN users")) EXPECT_THAT(plan, Not(HasSubstr("->  Sort"))) << text;
  }
}

TEST_F(PostgresPlansTest, AnAppendThatWasPlannedForEmptyTablesGoesByIndexToo) {
  run(store_.messages().append(
      {{.room = kRoom, .sender = kUser, .content = "hola", .client_id = "c", .file = std::nullopt}}, kNow));
  const auto all = writer_plans();
  EXPECT_THAT(all, Contains(Key(HasSubstr("INSERT INTO messages"))));
  for (const auto& [text, plan] : all) {
    expect_no_scans(text, plan);
    EXPECT_THAT(plan, Not(HasSubstr("Hash "))) << "that reads a whole index";
  }
}

// JIT compilation is on by default, and would take most of the time of a list in a large installation.
TEST_F(PostgresPlansTest, NoPlanIsCompiled) {
  static constexpr sql::Statement kJit("SELECT current_setting('jit')");
  const auto setting =
      run_task(store_.database().read([](sql::Session& session) -> Task<Result<std::string>> {
        IZPO_CO_TRY(const sql::Rows rows, co_await session.query(kJit, {}));
        co_return rows.row(0).text();
      }));
  EXPECT_EQ(setting, "off");
}

}  // namespace
}  // namespace izpo::testing
