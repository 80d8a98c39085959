#include "services/principal_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace izpo::services {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);

class PrincipalCacheTest : public ::testing::Test {
 protected:
  static AccessClaims claims(std::int64_t user, std::int64_t session) {
    return {UserId(user), SessionId(session), kNow, kNow + 30min};
  }
  static User user(std::int64_t id) {
    User user;
    user.id = UserId(id);
    user.username = "user" + std::to_string(id);
    return user;
  }
  void put(const Digest& token, std::int64_t user_id, std::int64_t session) {
    cache_.put(token, claims(user_id, session), user(user_id), kNow, cache_.find(token, kNow).generation);
  }

  PrincipalCache cache_;
  const Digest first_ = sha256("first");
  const Digest second_ = sha256("second");
};

TEST_F(PrincipalCacheTest, KnowsNothingAtFirst) {
  const auto found = cache_.find(first_, kNow);
  EXPECT_FALSE(found.claims);
  EXPECT_FALSE(found.user);
}

TEST_F(PrincipalCacheTest, RemembersAUserWhileFreshAndAVerifiedTokenForLonger) {
  put(first_, 1, 10);
  const auto found = cache_.find(first_, kNow + PrincipalCache::kFresh - 1us);
  ASSERT_TRUE(found.user);
  EXPECT_EQ(found.user->username, "user1");
  EXPECT_EQ(found.claims->session, SessionId(10));
  const auto later = cache_.find(first_, kNow + PrincipalCache::kFresh);
  EXPECT_FALSE(later.user);
  ASSERT_TRUE(later.claims);
  EXPECT_EQ(later.claims->user, UserId(1));
  EXPECT_FALSE(cache_.find(second_, kNow).claims);
}

TEST_F(PrincipalCacheTest, TrustsNoReadingFromTheFuture) {
  put(first_, 1, 10);
  EXPECT_FALSE(cache_.find(first_, kNow - 1us).user);
}

TEST_F(PrincipalCacheTest, ForgetsAUser) {
  put(first_, 1, 10);
  put(second_, 2, 20);
  cache_.forget(UserId(1));
  EXPECT_FALSE(cache_.find(first_, kNow).user);
  EXPECT_TRUE(cache_.find(second_, kNow).user);
}

TEST_F(PrincipalCacheTest, ForgetsLogins) {
  put(first_, 1, 10);
  put(second_, 1, 11);
  cache_.forget({SessionId(10), SessionId(99)});
  EXPECT_FALSE(cache_.find(first_, kNow).user);
  EXPECT_TRUE(cache_.find(second_, kNow).user);
}

// A login that ends between the reading of the store and put() must not come back for a second.
TEST_F(PrincipalCacheTest, DoesNotRememberWhatWasReadBeforeItForgot) {
  const auto found = cache_.find(first_, kNow);
  cache_.forget({SessionId(10)});
  cache_.put(first_, claims(1, 10), user(1), kNow, found.generation);
  EXPECT_FALSE(cache_.find(first_, kNow).user);
}

TEST_F(PrincipalCacheTest, IsBounded) {
  for (std::size_t i = 0; i < 3 * PrincipalCache::kCapacity; ++i) put(sha256(std::to_string(i)), 1, 10);
  std::size_t remembered = 0;
  for (std::size_t i = 0; i < 3 * PrincipalCache::kCapacity; ++i) {
    if (cache_.find(sha256(std::to_string(i)), kNow).user) ++remembered;
  }
  EXPECT_GE(remembered, PrincipalCache::kCapacity / 2);
  EXPECT_LE(remembered, 2 * PrincipalCache::kCapacity);
}

}  // namespace
}  // namespace izpo::services
