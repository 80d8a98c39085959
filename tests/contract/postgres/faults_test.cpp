#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>

#include "adapters/postgres/append_batch.hpp"
#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/store.hpp"
#include "base/use_task.hpp"
#include "contract/postgres_database.hpp"
#include "domain/reasons.hpp"
#include "support/run_task.hpp"

namespace izpo::testing {
namespace {

using ::testing::HasSubstr;

constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);

// What the PostgreSQL stores do when the database, or somebody else in it, does not play along.
class PostgresFaultsTest : public ::testing::Test {
 protected:
  PostgresFaultsTest() {
    if (const auto migrated = store_.migrate(kNow); !migrated)
      throw std::runtime_error(migrated.error().log_detail);
    owner_ = run_task(store_.users().create({.username = "ana",
                                             .username_keys = {.folded = "ana", .skeleton = "ana"},
                                             .email = "ana@example.test",
                                             .email_key = "ana@example.test",
                                             .full_name = std::nullopt,
                                             .password_hash = "none",
                                             .created_at = kNow}))
                 .value()
                 .id;
    room_ = add_room();
  }

  static postgres::DatabaseOptions impatient(postgres::DatabaseOptions options) {
    options.patience = std::chrono::milliseconds(1500);
    options.connections = 2;
    return options;
  }

  RoomId add_room() {
    return run_task(store_.rooms().create({.name = "sala",
                                           .description = std::nullopt,
                                           .is_private = false,
                                           .owner = owner_,
                                           .created_at = kNow}))
        .value()
        .id;
  }

  PendingMessage message(RoomId room, std::optional<std::string> client_id = std::nullopt) const {
    return {.room = room,
            .sender = owner_,
            .content = "hola",
            .client_id = std::move(client_id),
            .file = std::nullopt};
  }

  Result<std::vector<AppendOutcome>> append(std::vector<PendingMessage> batch, Timestamp now = kNow) {
    return run_task(store_.messages().append(std::move(batch), now));
  }

  void end_connections() const {
    database_.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  PostgresDatabase database_;
  postgres::Store store_{impatient(database_.options())};
  UserId owner_;
  RoomId room_;
};

TEST_F(PostgresFaultsTest, ConnectionsThatWereEndedAreReplacedWithoutAnError) {
  for (int i = 0; i < 3; ++i) {
    end_connections();
    EXPECT_TRUE(run_task(store_.users().find(owner_)).value().has_value());
    EXPECT_TRUE(run_task(store_.members().ids(room_)));
    EXPECT_EQ(append({message(room_)}).value().at(0)->message.seq.value, i + 1);
  }
}

TEST_F(PostgresFaultsTest, WhatIsCutOffInTheMiddleIsRunAgain) {
  static constexpr sql::Statement kPid("SELECT pg_backend_pid()");
  int runs = 0;
  const auto done =
      run_task(store_.database().write([&](sql::Session& session) -> Task<Result<std::int64_t>> {
        ++runs;
        IZPO_CO_TRY(const sql::Rows rows, co_await session.query(kPid, {}));
        if (runs == 1)
          database_.execute("SELECT pg_terminate_backend(" + std::to_string(rows.row(0).integer()) +
                            ", 5000)");
        IZPO_CO_TRY(const sql::Rows again, co_await session.query(kPid, {}));
        co_return again.row(0).integer();
      }));
  EXPECT_TRUE(done);
  EXPECT_EQ(runs, 2);
}

TEST_F(PostgresFaultsTest, TwoThatWaitForEachOtherBothGoThrough) {
  static constexpr sql::Statement kTouch("UPDATE rooms SET name = name WHERE id = $1");
  struct Side {
    int runs = 0;
    std::atomic<bool> has_one = false;
    std::atomic<bool> has_both = false;
  };
  const RoomId other = add_room();
  postgres::Store patient(database_.options());  // PostgreSQL looks for a deadlock after a second
  boost::asio::io_context loop;
  const auto until = [](const std::atomic<bool>& flag) -> Task<void> {
    boost::asio::steady_timer::rebind_executor<Executor>::other pause(
        co_await boost::asio::this_coro::executor);
    while (!flag) {
      pause.expires_after(std::chrono::milliseconds(5));
      co_await pause.async_wait(kUseTask);
    }
  };
  const auto both = [&](RoomId one, RoomId two, Side& mine, Side& theirs) {
    return [&, one, two](sql::Session& session) -> Task<Result<void>> {
      // Who is run again could take its row back before who waits for it, and the two would meet once more.
      if (++mine.runs > 1) co_await until(theirs.has_both);
      IZPO_CO_CHECK(co_await session.query(kTouch, {one}));
      mine.has_one = true;
      co_await until(theirs.has_one);
      IZPO_CO_CHECK(co_await session.query(kTouch, {two}));
      mine.has_both = true;
      co_return Result<void>();
    };
  };
  Side first;
  Side second;
  auto second_done = std::async(std::launch::async, [&] {
    return run_task(loop, patient.database().write(both(other, room_, second, first)));
  });
  EXPECT_TRUE(run_task(patient.database().write(both(room_, other, first, second))));
  EXPECT_TRUE(second_done.get());
  EXPECT_EQ(first.runs + second.runs, 3);  // PostgreSQL chose one to be run again
}

// A transaction of another process that keeps a room's row until release().
class Holding {
 public:
  Holding(const PostgresDatabase& database, RoomId room) : other_(database.options()) {
    std::promise<void> held;
    done_ = std::async(std::launch::async, [this, room, &held] {
      return run_task(loop_, other_.database().write([&](sql::Session& session) -> Task<Result<void>> {
        static constexpr sql::Statement kHold("SELECT id FROM rooms WHERE id = $1 FOR UPDATE");
        IZPO_CO_CHECK(co_await session.query(kHold, {room}));
        held.set_value();
        released_.get_future().wait();  // on that store's own thread
        co_return Result<void>();
      }));
    });
    held.get_future().wait();
  }

  Result<void> release() {
    released_.set_value();
    return done_.get();
  }

 private:
  postgres::Store other_;
  boost::asio::io_context loop_;
  std::promise<void> released_;
  std::future<Result<void>> done_;
};

TEST_F(PostgresFaultsTest, ARoomThatSomebodyHoldsFailsAloneAndSoon) {
  const RoomId free = add_room();
  Holding holding(database_, room_);
  const auto outcomes = append({message(room_, "a"), message(free, "b"), message(room_, "c")});
  EXPECT_TRUE(holding.release());
  ASSERT_TRUE(outcomes) << outcomes.error().log_detail;
  EXPECT_EQ(outcomes->at(0).error().reason, reason::kStorageUnavailable);
  EXPECT_GT(outcomes->at(0).error().retry_after.count(), 0);
  EXPECT_EQ(outcomes->at(1).value().message.seq.value, 1);
  EXPECT_EQ(outcomes->at(2).error().reason, reason::kStorageUnavailable);
  EXPECT_EQ(append({message(room_, "a")}).value().at(0)->message.seq.value, 1);
}

TEST_F(PostgresFaultsTest, AnAppendThatWaitsForItsRoomHoldsNotThatOfAnother) {
  ASSERT_EQ(store_.messages().appends_at_once(), 2U);
  const RoomId free = add_room();
  Holding holding(database_, room_);
  boost::asio::io_context loop;
  std::vector<RoomId> ended;
  const auto append_to = [&](RoomId room) -> Task<> {
    std::vector<PendingMessage> batch;
    batch.push_back(message(room));
    static_cast<void>(co_await store_.messages().append(std::move(batch), kNow));
    ended.push_back(room);
  };
  for (const RoomId room : {room_, free}) boost::asio::co_spawn(loop, append_to(room), boost::asio::detached);
  loop.run();
  EXPECT_TRUE(holding.release());
  EXPECT_EQ(ended, (std::vector{free, room_}));
}

TEST_F(PostgresFaultsTest, AStatementThatTakesTooLongIsGivenUp) {
  static constexpr sql::Statement kSleep("SELECT CAST(pg_sleep(30) AS TEXT)");
  const auto started = std::chrono::steady_clock::now();
  const auto late = run_task(store_.database().read([](sql::Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await session.query(kSleep, {}));
    co_return Result<void>();
  }));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, reason::kStorageUnavailable);
  EXPECT_THAT(late.error().log_detail, HasSubstr("57014"));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
}

// As after a commit whose confirmation was lost: the write queue's batch is run again.
TEST_F(PostgresFaultsTest, ABatchThatIsStoredAndRunAgainIsNotStoredTwiceNorTakenForARepeat) {
  ASSERT_TRUE(append({message(room_, "a")}));
  const auto again =
      run_task(store_.database().write_directly([&](postgres::Connection& connection) -> Task<Result<void>> {
        const std::vector<PendingMessage> batch{message(room_, "a"), message(room_, "b")};
        postgres::AppendBatch append(connection, std::chrono::seconds(1), kNow);
        const auto outcomes = co_await append.run(batch, postgres::Locked::kWait, true);
        EXPECT_TRUE(outcomes);
        EXPECT_EQ(outcomes->at(0)->message.seq.value, 1);
        EXPECT_FALSE(outcomes->at(0)->repeat);
        EXPECT_EQ(outcomes->at(1)->message.seq.value, 2);
        co_return Result<void>();
      }));
  EXPECT_TRUE(again);
  EXPECT_TRUE(append({message(room_, "a")}, kNow + std::chrono::seconds(1)).value().at(0)->repeat);
}

TEST_F(PostgresFaultsTest, StatementsNeedNotBePrepared) {
  auto options = database_.options();
  options.prepares = false;
  postgres::Store store(options);
  EXPECT_TRUE(run_task(store.users().find(owner_)).value().has_value());
  EXPECT_TRUE(run_task(store.messages().append({message(room_)}, kNow)).value().at(0));
  EXPECT_TRUE(run_task(store.messages().history(room_, {})));
}

TEST_F(PostgresFaultsTest, ABodyThatFailsOrThrowsChangesNothing) {
  static constexpr sql::Statement kRename("UPDATE rooms SET name = 'otra' WHERE id = $1");
  const auto rename_then = [&](auto leave) {
    return run_task(store_.database().write([this, leave](sql::Session& session) -> Task<Result<void>> {
      IZPO_CO_CHECK(co_await session.query(kRename, {room_}));
      co_return leave();
    }));
  };
  EXPECT_FALSE(rename_then([]() -> Result<void> { return fail(Reason{ErrorCode::kRejected, "no"}); }));
  EXPECT_THROW(rename_then([]() -> Result<void> { throw std::runtime_error("bug"); }), std::runtime_error);
  EXPECT_EQ(run_task(store_.rooms().find(room_, owner_)).value()->room.name, "sala");
}

TEST_F(PostgresFaultsTest, WhoMigratesAtTheSameTimeWaitsAndFindsItDone) {
  const PostgresDatabase empty;
  postgres::Store one(empty.options());
  postgres::Store two(empty.options());
  auto other = std::async(std::launch::async, [&] { return two.migrate(kNow); });
  const auto applied = one.migrate(kNow);
  const auto also = other.get();
  ASSERT_TRUE(applied) << applied.error().log_detail;
  ASSERT_TRUE(also) << also.error().log_detail;
  EXPECT_EQ(applied->size() + also->size(), postgres::migrations().size());
}

}  // namespace
}  // namespace izpo::testing
