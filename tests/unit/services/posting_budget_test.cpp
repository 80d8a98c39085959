#include "services/posting_budget.hpp"

#include <gtest/gtest.h>

#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"

namespace izpo::services {
namespace {

using namespace std::chrono_literals;

constexpr UserId kAna(1);
constexpr UserId kBea(2);

class PostingBudgetTest : public ::testing::Test {
 protected:
  // How many of so many messages at once are taken.
  int taken(int messages, UserId user = kAna) {
    int count = 0;
    for (int i = 0; i < messages; ++i) count += budget_.take(user).has_value() ? 1 : 0;
    return count;
  }

  testing::FixedClock clock_;
  PostingBudget budget_{{.per_second = 20, .burst = 60}, clock_};
};

TEST_F(PostingBudgetTest, TakesABurstAndThenSoManyASecond) {
  EXPECT_EQ(taken(100), 60);
  clock_.advance(1s);
  EXPECT_EQ(taken(100), 20);
  clock_.advance(1h);
  EXPECT_EQ(taken(100), 60) << "never more than whole";
}

TEST_F(PostingBudgetTest, SaysWhenToTryAgain) {
  EXPECT_EQ(taken(60), 60);
  const auto refused = budget_.take(kAna);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, reason::kRateLimited);
  EXPECT_EQ(refused.error().retry_after, 50ms);
  clock_.advance(49ms);
  EXPECT_EQ(budget_.take(kAna).error().retry_after, 1ms) << "a refusal costs nothing";
  clock_.advance(1ms);
  EXPECT_TRUE(budget_.take(kAna));
}

TEST_F(PostingBudgetTest, EachUserHasTheirOwn) {
  EXPECT_EQ(taken(100, kAna), 60);
  EXPECT_EQ(taken(100, kBea), 60);
}

// A refused user would have had to wait for as long as the clock was set back.
TEST_F(PostingBudgetTest, NobodyWaitsForAClockThatWasSetBack) {
  EXPECT_EQ(taken(60), 60);
  clock_.advance(-1h);
  EXPECT_EQ(taken(100), 60);
}

TEST_F(PostingBudgetTest, NoLimitTakesAll) {
  PostingBudget unlimited({.per_second = 0}, clock_);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(unlimited.take(kAna));
}

TEST_F(PostingBudgetTest, OneAtATimeIsALimitToo) {
  PostingBudget strict({.per_second = 1, .burst = 1}, clock_);
  EXPECT_TRUE(strict.take(kAna));
  EXPECT_EQ(strict.take(kAna).error().retry_after, 1s);
}

}  // namespace
}  // namespace izpo::services
