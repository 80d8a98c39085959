#include <gtest/gtest.h>

#include "adapters/postgres/store.hpp"
#include "contract/postgres_database.hpp"
#include "services/rooms.hpp"
#include "support/fixed_clock.hpp"
#include "support/recording_live_rooms.hpp"
#include "support/run_task.hpp"

namespace izpo::testing {
namespace {

// Counts what is asked of a database.
class CountingDatabase final : public sql::Database {
 public:
  struct Counts {
    int statements = 0;
    int journeys = 0;  // to the database and back, but for commits
  };

  explicit CountingDatabase(sql::Database& inner) : inner_(inner) {}

  Task<Result<void>> run_read(Body body) override {
    Body counting = counted(body);
    co_return co_await inner_.run_read(std::move(counting));
  }
  Task<Result<void>> run_write(Body body) override {
    Body counting = counted(body);
    co_return co_await inner_.run_write(std::move(counting));
  }

  Counts counts;

 private:
  class Session final : public sql::Session {
   public:
    Session(sql::Session& inner, Counts& counts) : inner_(inner), counts_(counts) {}
    Task<Result<sql::Rows>> query(const sql::Statement& statement, sql::Params params) override {
      ++counts_.statements;
      ++counts_.journeys;
      return inner_.query(statement, params);
    }
    Task<Result<std::vector<sql::Rows>>> query_all(std::span<const sql::Query> queries) override {
      counts_.statements += static_cast<int>(queries.size());
      ++counts_.journeys;
      return inner_.query_all(queries);
    }
    Task<Result<void>> script(std::string_view text) override { return inner_.script(text); }

   private:
    sql::Session& inner_;
    Counts& counts_;
  };

  // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): the caller's frame outlives it
  Body counted(Body& body) {
    return [this, &body](sql::Session& session) -> Task<Result<void>> {
      Session counting(session, counts);
      co_return co_await body(counting);
    };
  }

  sql::Database& inner_;
};

class PostgresJourneysTest : public ::testing::Test {
 protected:
  PostgresJourneysTest() {
    if (const auto migrated = store_.migrate(clock_.now()); !migrated)
      throw std::runtime_error(migrated.error().log_detail);
    database_.execute(
        "INSERT INTO users (username, username_key, username_skeleton, email, email_key, hashed_password, "
        "created_at) "
        "SELECT 'u' || i, 'u' || i, 'u' || i, 'u' || i, 'u' || i, 'x', now() FROM generate_series(1, 400) i");
  }

  void add_rooms(int first, int last, int members = 10) const {
    database_.execute(
        "INSERT INTO rooms (name, owner_id, created_at) "
        "SELECT 'r' || i, i, now() FROM generate_series(" +
        std::to_string(first) + ", " + std::to_string(last) + ") i");
    add_members(members);
  }

  // Every room has the members `owner` to `owner + count - 1` then.
  void add_members(int count) const {
    database_.execute(
        "INSERT INTO user_rooms (room_id, user_id, joined_at) "
        "SELECT r.id, r.owner_id + i, now() FROM rooms r, generate_series(0, " +
        std::to_string(count - 1) + ") i ON CONFLICT DO NOTHING");
  }

  template <class Call>
  CountingDatabase::Counts counts_of(Call call) {
    counting_.counts = {};
    const auto done = run_task(call());
    EXPECT_TRUE(done);
    return counting_.counts;
  }

  PostgresDatabase database_;
  FixedClock clock_;
  RecordingLiveRooms live_;
  postgres::Store store_{database_.options()};
  CountingDatabase counting_{store_.database()};
  sql::RoomStore rooms_{counting_};
  sql::MemberStore members_{counting_};
  services::Access access_{{.users = store_.users(),
                            .rooms = rooms_,
                            .members = members_,
                            .files = store_.files(),
                            .live = live_,
                            .clock = clock_}};
  services::Rooms service_{{.users = store_.users(),
                            .rooms = rooms_,
                            .members = members_,
                            .live = live_,
                            .clock = clock_,
                            .access = access_}};
};

TEST_F(PostgresJourneysTest, ListsOfRoomsTakeAsManyStatementsWhateverTheirLength) {
  const auto list = [&] { return service_.list_public(UserId(1), {}); };
  add_rooms(1, 1);
  const auto short_list = counts_of(list);
  add_rooms(2, 100);
  const auto long_list = counts_of(list);
  EXPECT_EQ(run_task(list()).value().size(), 100U);
  EXPECT_EQ(run_task(list()).value().back().member_count, 10);
  EXPECT_EQ(short_list.statements, 2);
  EXPECT_EQ(long_list.statements, 2);
  EXPECT_EQ(long_list.journeys, 2);
}

TEST_F(PostgresJourneysTest, ListsOfRoomsTakeAsManyStatementsHoweverManyMembersThereAre) {
  const auto list = [&] { return service_.list_public(UserId(1), {}); };
  add_rooms(1, 100, 1);
  const auto lonely = counts_of(list);
  EXPECT_EQ(run_task(list()).value().back().member_count, 1);
  add_members(300);
  const auto crowded = counts_of(list);
  EXPECT_EQ(run_task(list()).value().size(), 100U);
  EXPECT_EQ(run_task(list()).value().back().member_count, 300);
  EXPECT_EQ(lonely.statements, 2);
  EXPECT_EQ(crowded.statements, 2);
  EXPECT_EQ(crowded.journeys, 2);
}

TEST_F(PostgresJourneysTest, ARoomWithTheCallersStandingIsOneJourney) {
  add_rooms(1, 1);
  const auto counts = counts_of([&] { return rooms_.find(RoomId(1), UserId(2)); });
  EXPECT_EQ(counts.statements, 2);
  EXPECT_EQ(counts.journeys, 1);
}

}  // namespace
}  // namespace izpo::testing
