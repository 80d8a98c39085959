#include "adapters/sqlite/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "adapters/sqlite/migrations.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What only the SQLite store promises; what every store promises is in the suites one folder up.
class SqliteStoreTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return directory_.path() / "chat.db"; }

  std::unique_ptr<sqlite::Store> open(bool serves = false) {
    return sqlite::Store::open({.file = file(), .serves = serves}).value();
  }

  static std::string detail(const auto& result) { return result ? "ok" : result.error().log_detail; }

  // Runs SQL as another program would.
  static void script(sqlite::Store& store, std::string_view text) {
    const auto done =
        run_task(store.database().write([text](sql::Session& session) { return session.script(text); }));
    ASSERT_TRUE(done) << detail(done);
  }

  static std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (const sql::Migration& migration : sqlite::migrations()) names.emplace_back(migration.name);
    return names;
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(SqliteStoreTest, MigrationsAreAppliedOnceAndNamed) {
  const auto store = open();
  EXPECT_EQ(store->migrate(Timestamp{}).value(), all_names());
  EXPECT_THAT(store->migrate(Timestamp{}).value(), IsEmpty());
  EXPECT_THAT(open()->migrate(Timestamp{}).value(), IsEmpty());
}

TEST_F(SqliteStoreTest, ADatabaseNewerThanTheProgramIsRefusedAndLeftAlone) {
  const auto store = open();
  ASSERT_TRUE(store->migrate(Timestamp{}));
  script(*store, "INSERT INTO schema_migrations VALUES (9999, '9999_from_the_future', 'x', 0)");
  const auto refused = store->migrate(Timestamp{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason.code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().log_detail, HasSubstr("newer than this program"));
  EXPECT_THAT(refused.error().log_detail, HasSubstr("9999_from_the_future"));
}

TEST_F(SqliteStoreTest, AMigrationThatWasAppliedWithAnotherTextIsRefused) {
  const auto store = open();
  ASSERT_TRUE(store->migrate(Timestamp{}));
  script(*store, "UPDATE schema_migrations SET sha256 = 'other' WHERE number = 1");
  EXPECT_THAT(detail(store->migrate(Timestamp{})),
              HasSubstr("0001_initial was applied to the database with another"));
}

TEST_F(SqliteStoreTest, AMigrationThatFailsLeavesNothingBehind) {
  const auto store = open();
  const sql::Migration migrations[] = {
      {.number = 1, .name = "0001_good", .sha256 = "a", .text = "CREATE TABLE good (id INTEGER)"},
      {.number = 2,
       .name = "0002_bad",
       .sha256 = "b",
       .text = "CREATE TABLE half (id INTEGER); CREATE TABLE good (id);"},
  };
  EXPECT_THAT(detail(run_task(sql::migrate(store->database(), migrations, Timestamp{}))),
              HasSubstr("table good already exists"));
  script(*store, "CREATE TABLE half (id INTEGER)");  // the first half of 0002 was undone
  EXPECT_THAT(detail(run_task(sql::migrate(store->database(), std::span(migrations).first(1), Timestamp{}))),
              "ok");
}

// The second migration took the index of ids from the messages, and that of changes from all but the changed.
TEST_F(SqliteStoreTest, ADatabaseOfTheFirstMigrationKeepsItsMessages) {
  const auto store = open();
  ASSERT_EQ(detail(run_task(sql::migrate(store->database(), sqlite::migrations().first(1), Timestamp{}))),
            "ok");
  script(*store, R"(
    INSERT INTO users (id, username, username_key, username_skeleton, email, email_key, hashed_password, created_at)
      VALUES (1, 'ana', 'ana', 'ana', 'ana@example.test', 'ana@example.test', 'x', 0);
    INSERT INTO rooms (id, name, owner_id, last_seq, created_at) VALUES (1, 'sala', 1, 5, 0), (2, 'otra', 1, 1, 0);
    INSERT INTO messages (id, room_id, sender_id, seq, change_seq, created_at, content) VALUES
      (1, 1, 1, 1, 4, 0, 'changed'), (2, 1, 1, 2, 2, 0, 'two'), (3, 2, 1, 1, 1, 0, 'elsewhere'),
      (4, 1, 1, 3, 3, 0, 'three'), (5, 1, 1, 5, 5, 0, 'five');)");
  ASSERT_TRUE(store->migrate(Timestamp{}));

  const auto contents = [](const std::vector<StoredMessage>& messages) {
    std::vector<std::string> result;
    for (const StoredMessage& one : messages) result.push_back(one.message.content);
    return result;
  };
  const auto history = [&](HistoryPage page) {
    return contents(run_task(store->messages().history(RoomId(1), page)).value());
  };
  EXPECT_THAT(history({}), ElementsAre("five", "three", "two", "changed"));
  EXPECT_THAT(history({.before = MessageId(5)}), ElementsAre("three", "two", "changed"));
  EXPECT_THAT(history({.after = MessageId(3)}), ElementsAre("three", "five"));
  const auto replay = [&](std::int64_t after, std::int64_t limit) {
    return run_task(store->messages().replay(RoomId(1), Seq(after), limit)).value();
  };
  EXPECT_THAT(contents(replay(0, 10).messages), ElementsAre("changed", "two", "three", "five"));
  EXPECT_THAT(contents(replay(3, 10).messages), ElementsAre("changed", "five"));
  const Replay cut = replay(1, 3);
  EXPECT_THAT(contents(cut.messages), ElementsAre("two", "three", "changed"));
  EXPECT_EQ(cut.up_to, Seq(4)) << "the number of the change, not that of the message";
  EXPECT_TRUE(cut.more);
}

TEST_F(SqliteStoreTest, EveryDatabaseHasAnEpochOfItsOwnThatStays) {
  std::string epoch;
  {
    const auto store = open();
    ASSERT_TRUE(store->migrate(Timestamp{}));
    epoch = run_task(store->lineage().epoch()).value();
    EXPECT_EQ(epoch.size(), 32U);
  }
  EXPECT_EQ(run_task(open()->lineage().epoch()).value(), epoch);
  const TemporaryDirectory elsewhere;
  const auto other = sqlite::Store::open({.file = elsewhere.path() / "chat.db"}).value();
  ASSERT_TRUE(other->migrate(Timestamp{}));
  EXPECT_NE(run_task(other->lineage().epoch()).value(), epoch);
}

TEST_F(SqliteStoreTest, ASecondServerIsRefusedUntilTheFirstEndsAndCommandsAreNot) {
  auto first = open(true);
  const auto second = sqlite::Store::open({.file = file(), .serves = true});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().log_detail, HasSubstr("another server already serves " + file().string()));
  EXPECT_THAT(second.error().log_detail, HasSubstr("process " + std::to_string(::getpid())));
  EXPECT_TRUE(sqlite::Store::open({.file = file()}));
  first.reset();
  EXPECT_TRUE(sqlite::Store::open({.file = file(), .serves = true}));
}

TEST_F(SqliteStoreTest, ACleanCloseLeavesOneCompleteFile) {
  auto store = open();
  ASSERT_TRUE(store->migrate(Timestamp{}));
  store->close();
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-shm"));
  EXPECT_EQ(detail(run_task(store->users().find(UserId(1)))), "");
  EXPECT_EQ(run_task(store->users().find(UserId(1))).error().reason.name, "shutting_down");
}

TEST_F(SqliteStoreTest, WhatCannotBeOpenedIsNamed) {
  EXPECT_THAT(detail(sqlite::Store::open({.file = "/no/such/folder/chat.db"})),
              HasSubstr("cannot open /no/such/folder/chat.db"));
  EXPECT_THAT(detail(sqlite::Store::open({.file = "/no/such/folder/chat.db", .serves = true})),
              HasSubstr("/no/such/folder/chat.db.lock"));
  std::ofstream(file()) << "This is a text, and long enough not to be taken for an empty database file.\n";
  EXPECT_THAT(detail(sqlite::Store::open({.file = file()})), HasSubstr("file is not a database"));
}

TEST_F(SqliteStoreTest, ACommitIsDurable) {
  const auto store = open();
  for (const auto [pragma, value] :
       {std::pair{"PRAGMA journal_mode", "wal"}, {"PRAGMA synchronous", "2"}, {"PRAGMA foreign_keys", "1"}}) {
    std::string answer;
    ASSERT_TRUE(
        run_task(store->database().write_directly([&](sqlite::Connection& connection) -> Result<void> {
          const auto keep = [](void* text, int, char** values, char**) {
            *static_cast<std::string*>(text) = values[0];
            return 0;
          };
          sqlite3_exec(connection.native(), pragma, keep, &answer, nullptr);
          return {};
        })));
    EXPECT_EQ(answer, value) << pragma;
  }
}

TEST_F(SqliteStoreTest, UnderConstantWritesTheLogIsBegunAnewAndStaysShort) {
  const auto store = open();
  script(*store, "CREATE TABLE t (id INTEGER PRIMARY KEY, filler TEXT)");
  const auto salt = [this] {  // a new one every time that the log begins anew
    std::ifstream log(file().string() + "-wal", std::ios::binary);
    std::string header(32, '\0');
    log.read(header.data(), static_cast<std::streamsize>(header.size()));
    return header.substr(16, 8);
  };
  const std::string first = salt();
  int batches = 0;
  while (salt() == first && batches < 500) {
    script(*store, "INSERT INTO t (filler) VALUES (hex(zeroblob(200000)))");  // about 100 pages
    ++batches;
  }
  EXPECT_GT(batches, 20);
  EXPECT_LT(batches, 500);
  EXPECT_LT(std::filesystem::file_size(file().string() + "-wal"), 200U << 20U);
}

TEST_F(SqliteStoreTest, ABodyThatFailsOrThrowsChangesNothing) {
  const auto store = open();
  script(*store, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  static constexpr sql::Statement kInsert("INSERT INTO t (id) VALUES ($1)");
  static constexpr sql::Statement kCount("SELECT count(*) FROM t");
  const auto insert_then = [&](auto leave) {
    return run_task(store->database().write([leave](sql::Session& session) -> Task<Result<void>> {
      IZPO_CO_CHECK(co_await session.query(kInsert, {1}));
      co_return leave();
    }));
  };
  EXPECT_FALSE(insert_then([]() -> Result<void> { return fail(Reason{ErrorCode::kRejected, "no"}); }));
  EXPECT_THROW(insert_then([]() -> Result<void> { throw std::runtime_error("bug"); }), std::runtime_error);
  const auto count = run_task(store->database().read([](sql::Session& session) -> Task<Result<std::int64_t>> {
    IZPO_CO_TRY(const sql::Rows rows, co_await session.query(kCount, {}));
    co_return rows.row(0).integer();
  }));
  EXPECT_EQ(count.value(), 0);
}

TEST_F(SqliteStoreTest, AReaderCannotWrite) {
  const auto store = open();
  static constexpr sql::Statement kCreate("CREATE TABLE t (id INTEGER)");
  const auto refused = run_task(store->database().read([](sql::Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await session.query(kCreate, {}));
    co_return Result<void>();
  }));
  EXPECT_THAT(detail(refused), HasSubstr("readonly"));
}

}  // namespace
}  // namespace izpo::testing
