#include "base/time.hpp"

#include <gtest/gtest.h>

namespace izpo {
namespace {

TEST(Iso8601, HasSixDecimalsAndZ) {
  EXPECT_EQ(iso8601(from_micros(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(iso8601(from_micros(1'758'651'943'511'000)), "2025-09-23T18:25:43.511000Z");
  EXPECT_EQ(iso8601(from_micros(1'709'164'799'999'999)), "2024-02-28T23:59:59.999999Z");
}

TEST(Iso8601, WorksBeforeTheEpoch) {
  EXPECT_EQ(iso8601(from_micros(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(iso8601(from_micros(-62'135'596'800'000'000)), "0001-01-01T00:00:00.000000Z");
}

TEST(Iso8601, WorksToTheEndOfFourDigits) {
  EXPECT_EQ(iso8601(from_micros(253'402'300'799'999'999)), "9999-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace izpo
