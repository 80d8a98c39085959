#include "realtime/quota.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "domain/ids.hpp"

namespace izpo::realtime {
namespace {

constexpr UserId kAna(1);
constexpr UserId kBea(2);

TEST(Quota, EachKeyHasItsPlacesAndGetsThemBack) {
  Quota<UserId> quota(2);
  auto first = quota.take(kAna);
  auto second = quota.take(kAna);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(quota.take(kAna));
  EXPECT_TRUE(quota.take(kBea)) << "another one's";
  first.reset();
  EXPECT_TRUE(quota.take(kAna));
}

TEST(Quota, AMovedPlaceIsGivenBackOnce) {
  Quota<UserId> quota(2);
  auto kept = quota.take(kAna);
  {
    auto taken = quota.take(kAna);
    ASSERT_TRUE(taken);
    const auto moved = std::move(*taken);
    EXPECT_FALSE(quota.take(kAna));
  }
  auto again = quota.take(kAna);
  ASSERT_TRUE(again);
  EXPECT_FALSE(quota.take(kAna));
}

TEST(Quota, KnowsWhoHasAny) {
  Quota<UserId> quota(2);
  EXPECT_FALSE(quota.has_any(UserId(1)));
  auto place = quota.take(UserId(1));
  EXPECT_TRUE(quota.has_any(UserId(1)));
  EXPECT_FALSE(quota.has_any(UserId(2)));
  place.reset();
  EXPECT_FALSE(quota.has_any(UserId(1)));
}

}  // namespace
}  // namespace izpo::realtime
