#include "services/neighbours.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "adapters/memory/store.hpp"
#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"
#include "support/recording_live_rooms.hpp"
#include "support/run_task.hpp"

namespace izpo::services {
namespace {

using izpo::testing::FixedClock;
using izpo::testing::RecordingLiveRooms;
using izpo::testing::run_task;
using Member = RecordingLiveRooms::Member;
using Members = std::vector<Member>;
using namespace std::chrono_literals;

class NewsOfOthers final : public RoomNewsStore {
 public:
  Task<Result<std::vector<RoomNews>>> after(std::int64_t number) override {
    if (fails) co_return fail(reason::kStorageUnavailable);
    std::vector<RoomNews> found;
    for (const auto& each : news) {
      if (each.number > number) found.push_back(each);
    }
    std::ranges::sort(found, {}, &RoomNews::number);
    co_return found;
  }
  Task<Result<std::int64_t>> last() override {
    std::int64_t last = own;
    for (const auto& each : news) last = std::max(last, each.number);
    co_return last;
  }
  Task<Result<void>> purge(std::int64_t number) override {
    purged = number;
    co_return Result<void>();
  }

  std::vector<RoomNews> news;
  std::int64_t own = 0;  // the highest that this process wrote
  std::int64_t purged = 0;
  bool fails = false;
};

class NeighboursTest : public ::testing::Test {
 protected:
  NeighboursTest() {
    for (const UserId id : {kAna, kBea}) store_.data().users[id].user.id = id;
    auto& row = store_.data().rooms[kRoom];
    row.room.id = kRoom;
    row.room.owner = kAna;
    row.people[kAna] = Standing::kMember;
  }

  void standing(UserId user, Standing standing) { store_.data().rooms[kRoom].people[user] = standing; }
  void tell(std::int64_t number, std::optional<UserId> user) { news_.news.push_back({number, kRoom, user}); }
  bool sweep() { return run_task(neighbours_.sweep()).has_value(); }

  static constexpr UserId kAna{1};
  static constexpr UserId kBea{2};
  static constexpr RoomId kRoom{7};

  memory::Store store_;
  NewsOfOthers news_;
  RecordingLiveRooms live_;
  FixedClock clock_;
  Access access_{{.users = store_.users(),
                  .rooms = store_.rooms(),
                  .members = store_.members(),
                  .files = store_.files(),
                  .live = live_,
                  .clock = clock_}};
  Neighbours neighbours_{{.news = news_,
                          .rooms = store_.rooms(),
                          .members = store_.members(),
                          .users = store_.users(),
                          .live = live_,
                          .access = access_,
                          .clock = clock_}};
};

TEST_F(NeighboursTest, ARemovalElsewhereTakesTheSeatHere) {
  standing(kBea, Standing::kRemoved);
  tell(1, kBea);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.closed_members, (Members{{kRoom, kBea}}));
}

TEST_F(NeighboursTest, ANewMemberIsTold) {
  standing(kBea, Standing::kMember);
  tell(1, kBea);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.added_members, (Members{{kRoom, kBea}}));
  EXPECT_TRUE(live_.closed_members.empty());
}

TEST_F(NeighboursTest, WhatIsTrueNowCountsNotWhatTheNewsWasAbout) {
  tell(1, kBea);  // left,
  tell(2, kBea);  // and came back before we looked
  standing(kBea, Standing::kMember);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.added_members, (Members{{kRoom, kBea}}));
  EXPECT_TRUE(live_.closed_members.empty());
}

TEST_F(NeighboursTest, AChangedRoomAndOneThatIsGoneAreTold) {
  tell(1, std::nullopt);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.changed_rooms, (std::vector{kRoom}));
  store_.data().rooms.erase(kRoom);
  tell(2, std::nullopt);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.closed_rooms, (std::vector{kRoom}));
}

TEST_F(NeighboursTest, NewsThatShowsItselfLateIsNotMissedAndNoneIsToldTwice) {
  standing(kBea, Standing::kMember);
  tell(5, kBea);
  ASSERT_TRUE(sweep());
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.added_members.size(), 1U);
  clock_.advance(30s);
  standing(kAna, Standing::kRemoved);
  tell(4, kAna);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.added_members.size(), 1U);
  EXPECT_EQ(live_.closed_members, (Members{{kRoom, kAna}}));
}

TEST_F(NeighboursTest, AFailedSweepIsMadeUpFor) {
  standing(kBea, Standing::kRemoved);
  tell(1, kBea);
  news_.fails = true;
  EXPECT_FALSE(sweep());
  EXPECT_TRUE(live_.closed_members.empty());
  news_.fails = false;
  EXPECT_TRUE(sweep());
  EXPECT_EQ(live_.closed_members.size(), 1U);
}

// A socket may have read the store before the first sweep, and a change been committed in between.
TEST_F(NeighboursTest, TheFirstSweepLooksAtTheLatestChangesOnly) {
  standing(kBea, Standing::kRemoved);
  tell(1, kAna);
  tell(2'000, kBea);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(live_.closed_members, (Members{{kRoom, kBea}}));
  EXPECT_TRUE(live_.added_members.empty());
}

TEST_F(NeighboursTest, WhatConcernsNobodyHereIsNotLookedAt) {
  live_.concerns = false;
  standing(kBea, Standing::kRemoved);
  tell(1, kBea);
  ASSERT_TRUE(sweep());
  EXPECT_TRUE(live_.closed_members.empty());
}

TEST_F(NeighboursTest, OldNewsIsForgottenAlsoWhenOnlyThisProcessWrites) {
  news_.own = 9;
  for (auto passed = 0min; passed <= 59min; passed += 1min) {
    ASSERT_TRUE(sweep());
    clock_.advance(1min);
  }
  EXPECT_EQ(news_.purged, 0);
  for (auto passed = 0min; passed <= 5min; passed += 1min) {
    ASSERT_TRUE(sweep());
    clock_.advance(1min);
  }
  EXPECT_EQ(news_.purged, 9);
}

}  // namespace
}  // namespace izpo::services
