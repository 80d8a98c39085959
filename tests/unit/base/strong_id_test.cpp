#include "base/strong_id.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace izpo {
namespace {

using Apple = StrongId<struct AppleTag>;
using Pear = StrongId<struct PearTag>;

static_assert(!std::is_convertible_v<Apple, Pear>);
static_assert(!std::is_convertible_v<std::int64_t, Apple>);

TEST(StrongId, OrdersAndHashesByValue) {
  EXPECT_LT(Apple(1), Apple(2));
  std::unordered_set<Apple> seen{Apple(7), Apple(7), Apple(8)};
  EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace izpo
