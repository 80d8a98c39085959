#include "services/recent_map.hpp"

#include <gtest/gtest.h>

#include <string>

namespace izpo::services {
namespace {

TEST(RecentMap, FindsWhatWasPut) {
  RecentMap<int, std::string> map(2);
  EXPECT_EQ(map.find(1), nullptr);
  map[1] = "one";
  ASSERT_NE(map.find(1), nullptr);
  EXPECT_EQ(*map.find(1), "one");
  map[1] = "uno";
  EXPECT_EQ(*map.find(1), "uno");
  EXPECT_EQ(map.size(), 1U);
}

TEST(RecentMap, RemembersTheKeysUsedLastAndForgetsTheOthers) {
  constexpr int kCapacity = 10;
  RecentMap<int, int> map(kCapacity);
  for (int key = 0; key < 1000; ++key) {
    map[key] = key;
    EXPECT_LE(map.size(), 2U * kCapacity);
    for (int recent = std::max(0, key - kCapacity + 1); recent < key; ++recent) {
      // Asked in a map of its own, so that the question is no use.
      RecentMap<int, int> copy = map;
      EXPECT_NE(copy.find(recent), nullptr) << recent << " at " << key;
    }
  }
  EXPECT_EQ(map.find(0), nullptr);
}

TEST(RecentMap, KeepsWhatIsUsedAgainAndAgain) {
  RecentMap<int, int> map(4);
  map[-1] = 7;
  for (int key = 0; key < 100; ++key) {
    map[key] = key;
    ASSERT_NE(map.find(-1), nullptr) << key;
    EXPECT_EQ(*map.find(-1), 7);
  }
}

TEST(RecentMap, ErasesInBothGenerations) {
  RecentMap<int, int> map(2);
  for (int key = 0; key < 4; ++key) map[key] = key;
  map.erase_if([](const auto& pair) { return pair.second % 2 == 0; });
  EXPECT_EQ(map.find(0), nullptr);
  EXPECT_EQ(map.find(2), nullptr);
  EXPECT_EQ(map.size(), 2U);
}

}  // namespace
}  // namespace izpo::services
