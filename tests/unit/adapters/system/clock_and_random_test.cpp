#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "adapters/system/clock.hpp"
#include "adapters/system/random.hpp"

namespace izpo::system {
namespace {

TEST(SystemClock, TellsTheTimeOfDay) {
  SystemClock clock;
  const Timestamp first = clock.now();
  EXPECT_GT(first, Timestamp(std::chrono::sys_days(std::chrono::year{2025} / 1 / 1)));
  EXPECT_LE(first, clock.now());
}

TEST(SystemRandom, FillsEveryByteAnewEachTime) {
  SystemRandom random;
  std::array<unsigned char, 64> first{};
  std::array<unsigned char, 64> second{};
  random.fill(first);
  random.fill(second);
  EXPECT_NE(first, second);
  // 64 random bytes have no tail of eight zeros but once in 2^64.
  EXPECT_TRUE(std::any_of(first.end() - 8, first.end(), [](unsigned char byte) { return byte != 0; }));
}

}  // namespace
}  // namespace izpo::system
