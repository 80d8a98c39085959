#include "base/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace izpo {
namespace {

using namespace std::chrono_literals;

class Alarm final : public TimerWheel::Timer {
 public:
  int rung = 0;
  std::function<void()> then;

 private:
  void expired() override {
    ++rung;
    if (then) then();
  }
};

class TimerWheelTest : public testing::Test {
 protected:
  void advance_to(std::chrono::milliseconds time) { wheel.advance(start + time); }

  TimerWheel::Clock::time_point start{1h};
  TimerWheel wheel{100ms, start};
};

TEST_F(TimerWheelTest, ExpiresNeverEarlyAndTwoTicksLateAtMost) {
  for (const auto after : {0ms, 1ms, 99ms, 100ms, 101ms, 5000ms, 25'600ms, 75'000ms}) {
    TimerWheel fresh(100ms, start);
    Alarm alarm;
    fresh.arm(alarm, after);
    auto now = 0ms;
    while (alarm.rung == 0 && now <= after + 1s) fresh.advance(start + (now += 10ms));
    EXPECT_GE(now, after);
    EXPECT_LE(now, after + 200ms);
    EXPECT_FALSE(alarm.armed());
  }
}

TEST_F(TimerWheelTest, ADeadlineThatIsMovedExpiresOnceAtTheNewTime) {
  Alarm alarm;
  wheel.arm(alarm, 300ms);
  wheel.arm(alarm, 900ms);
  advance_to(700ms);
  EXPECT_EQ(alarm.rung, 0);
  advance_to(5s);
  EXPECT_EQ(alarm.rung, 1);
}

TEST_F(TimerWheelTest, ADisarmedOrEndedTimerNeverExpires) {
  Alarm kept;
  wheel.arm(kept, 100ms);
  kept.disarm();
  auto ended = std::make_unique<Alarm>();
  wheel.arm(*ended, 100ms);
  ended.reset();
  advance_to(1s);
  EXPECT_EQ(kept.rung, 0);
}

TEST_F(TimerWheelTest, AJumpOverTheWholeWheelExpiresEverythingDue) {
  std::vector<Alarm> alarms(600);
  for (std::size_t i = 0; i < alarms.size(); ++i) wheel.arm(alarms[i], i * 100ms);
  advance_to(30s);
  for (std::size_t i = 0; i < alarms.size(); ++i) EXPECT_EQ(alarms[i].rung, i * 100ms < 30s ? 1 : 0) << i;
  advance_to(200s);
  for (const Alarm& alarm : alarms) EXPECT_EQ(alarm.rung, 1);
}

TEST_F(TimerWheelTest, AnExpiringTimerMayArmItselfAndEndOthers) {
  Alarm again;
  auto other = std::make_unique<Alarm>();
  int others_rung = 0;
  other->then = [&] { ++others_rung; };
  again.then = [&] {
    other.reset();
    wheel.arm(again, 100ms);
  };
  wheel.arm(again, 100ms);
  wheel.arm(*other, 100ms);
  for (auto now = 0ms; now <= 1s; now += 100ms) advance_to(now);
  EXPECT_EQ(others_rung, 0);
  EXPECT_EQ(again.rung, 5);  // each 100 ms are two ticks: the one that has begun counts for nothing
}

}  // namespace
}  // namespace izpo
