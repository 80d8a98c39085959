#include "services/login_throttle.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/reasons.hpp"

namespace izpo::services {
namespace {

using namespace std::chrono_literals;

constexpr LoginLimits kLimits{
    .account_at_address = {3, 60s}, .address = {6, 10s}, .account_elsewhere = {8, 30s}, .remembered = 1000};

class LoginThrottleTest : public ::testing::Test {
 protected:
  bool fails(std::string_view account, std::string_view address) {
    return throttle_.begin(account, address, now_).has_value();
  }
  bool succeeds(std::string_view account, std::string_view address) {
    const auto attempt = throttle_.begin(account, address, now_);
    if (attempt) throttle_.succeeded(*attempt);
    return attempt.has_value();
  }
  int seconds_to_wait(std::string_view account, std::string_view address) {
    const auto attempt = throttle_.begin(account, address, now_);
    EXPECT_FALSE(attempt);
    if (attempt) return 0;
    EXPECT_EQ(attempt.error().reason, reason::kTooManyLogins);
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::seconds>(attempt.error().retry_after).count());
  }

  Timestamp now_ = from_micros(1'790'000'000'000'000);
  LoginThrottle throttle_{kLimits};
};

TEST_F(LoginThrottleTest, SlowsOneAccountTriedFromOnePlace) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails("ana", "192.0.2.1"));
  EXPECT_EQ(seconds_to_wait("ana", "192.0.2.1"), 60);
  EXPECT_TRUE(fails("eva", "192.0.2.1")) << "another account";
  EXPECT_TRUE(fails("ana", "192.0.2.2")) << "another place";
}

TEST_F(LoginThrottleTest, ForgivesWithTime) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails("ana", "192.0.2.1"));
  now_ += 59s;
  EXPECT_EQ(seconds_to_wait("ana", "192.0.2.1"), 1) << "to be refused cost nothing";
  now_ += 1s;
  EXPECT_TRUE(fails("ana", "192.0.2.1"));
  EXPECT_FALSE(fails("ana", "192.0.2.1")) << "one a minute";
  now_ += 180s;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails("ana", "192.0.2.1"));
}

TEST_F(LoginThrottleTest, SlowsManyAccountsTriedFromOnePlace) {
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(fails("user" + std::to_string(i), "192.0.2.1"));
  EXPECT_EQ(seconds_to_wait("user6", "192.0.2.1"), 10);
  EXPECT_TRUE(fails("user6", "192.0.2.2"));
}

TEST_F(LoginThrottleTest, SlowsOneAccountTriedFromManyPlaces) {
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(fails("ana", "192.0.2." + std::to_string(i)));
  EXPECT_EQ(seconds_to_wait("ana", "192.0.2.200"), 30);
  EXPECT_TRUE(fails("eva", "192.0.2.200"));
}

TEST_F(LoginThrottleTest, DoesNotLockAnOwnerOutOfTheirOwnPlace) {
  EXPECT_TRUE(succeeds("ana", "192.0.2.1"));
  // Everybody else tries Ana's account, and somebody behind her address tries everybody else's.
  for (int i = 0; i < 50; ++i) fails("ana", "198.51.100." + std::to_string(i));
  for (int i = 0; i < 50; ++i) fails("user" + std::to_string(i), "192.0.2.1");
  EXPECT_FALSE(fails("ana", "203.0.113.1"));
  EXPECT_FALSE(fails("eva", "192.0.2.1"));
  EXPECT_TRUE(fails("ana", "192.0.2.1")) << "she may even mistype";
  EXPECT_TRUE(succeeds("ana", "192.0.2.1"));
}

TEST_F(LoginThrottleTest, LimitsAnOwnersPlaceToo) {
  EXPECT_TRUE(succeeds("ana", "192.0.2.1"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails("ana", "192.0.2.1"));
  EXPECT_FALSE(fails("ana", "192.0.2.1"));
}

TEST_F(LoginThrottleTest, CountsNoSuccess) {
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(succeeds("user" + std::to_string(i), "192.0.2.1")) << i;
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(succeeds("ana", "192.0.2." + std::to_string(i % 250))) << i;
}

TEST_F(LoginThrottleTest, ForgivesAnAccountsFailuresAtItsPlaceWhenItSucceeds) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(fails("ana", "192.0.2.1"));
    EXPECT_TRUE(fails("ana", "192.0.2.1"));
    EXPECT_TRUE(succeeds("ana", "192.0.2.1"));
  }
}

TEST_F(LoginThrottleTest, DoesNotForgiveAnAttackerForTheirOwnSuccess) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(fails("user" + std::to_string(i), "192.0.2.1"));
    succeeds("mallory", "192.0.2.1");
  }
  EXPECT_FALSE(fails("user6", "192.0.2.1"));
}

TEST_F(LoginThrottleTest, CountsAttemptsThatHaveNotEndedYet) {
  std::vector<LoginThrottle::Attempt> running;
  for (int i = 0; i < 3; ++i) running.push_back(throttle_.begin("ana", "192.0.2.1", now_).value());
  EXPECT_FALSE(fails("ana", "192.0.2.1"));
  throttle_.cancelled(running[0]);
  EXPECT_TRUE(fails("ana", "192.0.2.1")) << "one of them was never looked at";
  EXPECT_FALSE(fails("ana", "192.0.2.1"));
}

TEST_F(LoginThrottleTest, TakesAnIpv6NetworkForOnePlace) {
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(fails("ana", "2001:db8:1:2::" + std::to_string(i)));
  EXPECT_FALSE(fails("ana", "2001:db8:1:2:ffff::9"));
  EXPECT_TRUE(fails("ana", "2001:db8:1:3::1"));
}

TEST_F(LoginThrottleTest, TakesAMappedAddressForTheIpv4ItIs) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails("ana", "::ffff:192.0.2.1"));
  EXPECT_FALSE(fails("ana", "192.0.2.1"));
  EXPECT_TRUE(fails("ana", "::ffff:192.0.2.2"));
}

TEST_F(LoginThrottleTest, HasABudgetOfItsOwnForWhoIsInside) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(throttle_.begin_inside("ana", "7", now_));
  EXPECT_FALSE(throttle_.begin_inside("ana", "7", now_));
  EXPECT_TRUE(throttle_.begin_inside("ana", "8", now_));
  EXPECT_TRUE(fails("ana", "7")) << "a login is no address";
}

TEST_F(LoginThrottleTest, BearsAClockThatIsSetBack) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails("ana", "192.0.2.1"));
  now_ -= 1h;
  EXPECT_EQ(seconds_to_wait("ana", "192.0.2.1"), 3660);
  EXPECT_TRUE(fails("eva", "192.0.2.2"));
}

TEST(LoginThrottleDefaults, LetAHundredPeopleBehindOneAddressInAtOnce) {
  const Timestamp now = from_micros(1'790'000'000'000'000);
  LoginThrottle throttle({});
  std::vector<LoginThrottle::Attempt> running;
  for (int i = 0; i < 250; ++i) {
    auto attempt = throttle.begin("user" + std::to_string(i), "127.0.0.1", now);
    ASSERT_TRUE(attempt) << i;
    running.push_back(*std::move(attempt));
  }
  for (const auto& attempt : running) throttle.succeeded(attempt);
}

}  // namespace
}  // namespace izpo::services
