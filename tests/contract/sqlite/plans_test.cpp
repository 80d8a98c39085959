#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/sql/file_store.hpp"
#include "adapters/sql/member_store.hpp"
#include "adapters/sql/message_store.hpp"
#include "adapters/sql/room_store.hpp"
#include "adapters/sql/session_store.hpp"
#include "adapters/sql/user_store.hpp"
#include "adapters/sqlite/append_batch.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

using ::testing::IsEmpty;

// Runs everything on one connection in the calling thread, so that a test can ask SQLite what it did.
class InlineDatabase final : public sql::Database {
 public:
  explicit InlineDatabase(sqlite::Connection& connection) : connection_(connection) {}

  Task<Result<void>> run_read(Body body) override { return run_write(std::move(body)); }
  Task<Result<void>> run_write(Body body) override {
    Session session(connection_);
    IZPO_CO_TRY(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_));
    IZPO_CO_CHECK(co_await body(session));
    co_return transaction.commit();
  }

 private:
  class Session final : public sql::Session {
   public:
    explicit Session(sqlite::Connection& connection) : connection_(connection) {}
    Task<Result<sql::Rows>> query(const sql::Statement& statement, sql::Params params) override {
      co_return connection_.query(statement, params.values());
    }
    Task<Result<void>> script(std::string_view text) override { co_return connection_.script(text); }

   private:
    sqlite::Connection& connection_;
  };

  sqlite::Connection& connection_;
};

// How SQLite answers the stores' statements, over a database with some hundred rows of each kind.
class SqlitePlansTest : public ::testing::Test {
 protected:
  static constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);
  static constexpr int kUsers = 60;
  static constexpr int kRooms = 40;

  SqlitePlansTest() {
    connection_.script("PRAGMA synchronous = OFF")
        .value();  // thousands of transactions that nobody will miss
    ok(sql::migrate(database_, sqlite::migrations(), kNow));
    for (int i = 0; i < kUsers; ++i) {
      const std::string name = "user" + std::to_string(i);
      ids_.push_back(ok(users_.create({.username = name,
                                       .username_keys = {.folded = name, .skeleton = name},
                                       .email = name + "@example.test",
                                       .email_key = name + "@example.test",
                                       .full_name = std::nullopt,
                                       .password_hash = "none",
                                       .created_at = kNow}))
                         .id);
    }
    for (int i = 0; i < kRooms; ++i) {
      rooms_made_.push_back(ok(rooms_.create({.name = "sala",
                                              .description = std::nullopt,
                                              .is_private = i % 2 == 0,
                                              .owner = ids_.front(),
                                              .created_at = kNow}))
                                .id);
      for (const UserId user : ids_) ok(members_.add(rooms_made_.back(), user, kNow));
    }
  }

  template <class T>
  static T ok(Task<Result<T>> task) {
    Result<T> result = run_task(std::move(task));
    if (!result) throw std::runtime_error(result.error().log_detail);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  void append(RoomId room, int count) {
    std::vector<PendingMessage> batch;
    for (int i = 0; i < count; ++i) {
      batch.push_back({.room = room,
                       .sender = ids_[static_cast<std::size_t>(i) % ids_.size()],
                       .content = "hola",
                       .client_id = "c-" + std::to_string(++sent_),
                       .file = std::nullopt});
    }
    ok(database_.write([&](sql::Session&) -> Task<Result<void>> {
      IZPO_CO_CHECK(sqlite::AppendBatch(connection_, kNow).run(batch));
      co_return Result<void>();
    }));
  }

  // A file of ids_[7], in `count` messages of the room.
  FileId post_a_file(RoomId room, int count) {
    const FileId file = ok(files_.create({.id = {},
                                          .original_filename = "a.png",
                                          .stored_filename = "stored",
                                          .size = 1,
                                          .content_type = "image/png",
                                          .public_url = {},
                                          .uploader = ids_[7],
                                          .uploaded_at = kNow},
                                         std::nullopt))
                            .id;
    std::vector<PendingMessage> batch(
        static_cast<std::size_t>(count),
        {.room = room, .sender = ids_[7], .content = "", .client_id = std::nullopt, .file = file});
    ok(database_.write([&](sql::Session&) -> Task<Result<void>> {
      IZPO_CO_CHECK(sqlite::AppendBatch(connection_, kNow).run(batch));
      co_return Result<void>();
    }));
    return file;
  }

  // The text of every statement that the connection has prepared, with one of its counters.
  std::map<std::string, int> counters(int which) {
    std::map<std::string, int> result;
    for (sqlite3_stmt* one = sqlite3_next_stmt(connection_.native(), nullptr); one != nullptr;
         one = sqlite3_next_stmt(connection_.native(), one)) {
      const int count = sqlite3_stmt_status(one, which, 1);
      if (count > 0) result[sqlite3_sql(one)] += count;
    }
    return result;
  }
  // Those that went through a table of the database; what a statement made for itself has no index.
  std::vector<std::string> that_read_a_whole_table() {
    std::vector<std::string> result;
    for (const auto& [text, count] : counters(SQLITE_STMTSTATUS_FULLSCAN_STEP)) {
      if (!scans_only_its_own(text)) result.push_back(text);
    }
    return result;
  }
  bool scans_only_its_own(const std::string& text) {
    sqlite3_stmt* plan = nullptr;
    if (sqlite3_prepare_v2(connection_.native(), ("EXPLAIN QUERY PLAN " + text).c_str(), -1, &plan,
                           nullptr) != SQLITE_OK) {
      return false;
    }
    std::set<std::string> made;
    std::set<std::string> scanned;
    while (sqlite3_step(plan) == SQLITE_ROW) {
      std::istringstream line(reinterpret_cast<const char*>(sqlite3_column_text(plan, 3)));
      std::string what;
      std::string table;
      line >> what >> table;
      if (what == "MATERIALIZE") made.insert(table);
      if (what == "SCAN" && table != "json_each")
        scanned.insert(table);  // json_each: the ids that were asked for
    }
    sqlite3_finalize(plan);
    return std::ranges::includes(made, scanned);
  }
  int steps() {
    int sum = 0;
    for (const auto& [text, count] : counters(SQLITE_STMTSTATUS_VM_STEP)) sum += count;
    return sum;
  }

  TemporaryDirectory directory_;
  sqlite::Connection connection_ =
      sqlite::Connection::open(directory_.path() / "chat.db", sqlite::Access::kWrite).value();
  InlineDatabase database_{connection_};
  sql::UserStore users_{database_};
  sql::SessionStore sessions_{database_};
  sql::RoomStore rooms_{database_};
  sql::MemberStore members_{database_};
  sql::FileStore files_{database_};
  std::vector<UserId> ids_;
  std::vector<RoomId> rooms_made_;
  int sent_ = 0;
};

// Reading is the shared half of a message store; the suite of the whole store is elsewhere.
class ReadingStore final : public sql::MessageStore {
 public:
  using sql::MessageStore::MessageStore;
  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> /*batch*/,
                                                  Timestamp /*now*/) override {
    co_return std::vector<AppendOutcome>();
  }
};

TEST_F(SqlitePlansTest, NoStatementReadsAWholeTableOrSorts) {
  ReadingStore messages(database_);
  const RoomId room = rooms_made_.front();
  const UserId user = ids_[7];
  append(room, 200);
  steps();
  counters(SQLITE_STMTSTATUS_FULLSCAN_STEP);

  const Page pages[] = {{.limit = 5}, {.limit = 5, .before = 20}, {.limit = 5, .after = 20}};
  for (const Page& page : pages) {
    ok(users_.list(page));
    ok(rooms_.list_public(page));
    ok(rooms_.list_of(user, page));
    ok(members_.list(room, page));
    ok(files_.list_of(user, page));
  }
  ok(users_.find_by_username("user3"));
  ok(users_.find_credentials("user3"));
  ok(users_.find_credentials("user3@example.test"));
  ok(users_.find_credentials("@user3@example.test"));
  ok(users_.find_credentials(UserId(3)));
  ok(rooms_.find(room, user));
  ok(members_.preview(rooms_made_, user, 10));
  ok(members_.leave(room, user));
  ok(members_.join(rooms_made_[1], user, kNow));
  ok(messages.history(room, {.limit = 5}));
  ok(messages.history(room, {.limit = 5, .before = MessageId(100)}));
  ok(messages.history(room, {.limit = 5, .after = MessageId(100)}));
  ok(messages.history(room, {.limit = 5, .after = MessageId(1'000'000)}));
  ok(messages.history(room, {.limit = 5, .after_seq = Seq(100)}));
  ok(messages.replay(room, Seq(100), 5));
  ok(messages.last_seqs(rooms_made_));
  append(room, 10);
  ok(files_.remove(post_a_file(room, 3), user, kNow));
  const SessionId session = ok(sessions_.open(user, "none", TokenHash{1}, kNow, kNow));
  ok(sessions_.find(session));
  ok(sessions_.end(session, kNow));
  ok(sessions_.ended_since(kNow));
  ok(sessions_.purge(kNow));
  ok(users_.set_active(user, false, kNow));
  ok(rooms_.remove(rooms_made_.back(), ids_.front()));

  EXPECT_THAT(that_read_a_whole_table(), IsEmpty());
  EXPECT_THAT(counters(SQLITE_STMTSTATUS_AUTOINDEX), IsEmpty());
  EXPECT_THAT(counters(SQLITE_STMTSTATUS_SORT), IsEmpty());
}

TEST_F(SqlitePlansTest, APageCostsTheSameInALongRoomAsInAShortOne) {
  ReadingStore messages(database_);
  const RoomId short_room = rooms_made_[0];
  const RoomId long_room = rooms_made_[1];
  append(short_room, 100);
  append(long_room, 3000);
  const auto cost = [&](auto read) {
    read();  // prepares
    steps();
    read();
    return steps();
  };
  const auto newest = [&](RoomId room) { ok(messages.history(room, {.limit = 50})); };
  EXPECT_EQ(cost([&] { newest(short_room); }), cost([&] { newest(long_room); }));
  const auto replay = [&](RoomId room) { ok(messages.replay(room, Seq(10), 50)); };
  EXPECT_EQ(cost([&] { replay(short_room); }), cost([&] { replay(long_room); }));
}

TEST_F(SqlitePlansTest, APreviewCostsNoMoreThanWhatItShows) {
  const auto cost = [&](std::int64_t at_most) {
    ok(members_.preview({rooms_made_.front()}, std::nullopt, at_most));
    steps();
    ok(members_.preview({rooms_made_.front()}, std::nullopt, at_most));
    return steps();
  };
  const int all = cost(kUsers);
  const int few = cost(2);
  // What remains is the count of the members, over the index alone.
  EXPECT_LT(few, all / 2);
}

}  // namespace
}  // namespace izpo::testing
