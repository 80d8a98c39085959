#include "api/byte_range.hpp"

#include <gtest/gtest.h>

namespace izpo::api {
namespace {

TEST(ByteRangeTest, OneRangeIsCutToTheFile) {
  const struct {
    const char* field;
    ByteRange range;
  } rows[] = {{"bytes=0-0", {0, 1}}, {"bytes=2-5", {2, 4}},
              {"bytes=2-", {2, 8}},  {"bytes=9-99", {9, 1}},
              {"bytes=-3", {7, 3}},  {"bytes=-30", {0, 10}},
              {"Bytes=1-1", {1, 1}}, {"bytes=0-99999999999999999999", {0, 10}}};
  for (const auto& [field, range] : rows) EXPECT_EQ(byte_range(field, 10).value(), range) << field;
}

TEST(ByteRangeTest, WhatIsNoSingleRangeMeansAll) {
  for (const char* field : {"", "bytes", "bytes=", "bytes=-", "bytes=3-2", "bytes=a-", "bytes=--1",
                            "bytes=1-a", "bytes=1-2,4-5", "bytes= 1-2", "items=1-2"}) {
    EXPECT_EQ(byte_range(field, 10).value(), std::nullopt) << field;
  }
}

TEST(ByteRangeTest, WhatBeginsBehindTheEndCannotBe) {
  for (const char* field : {"bytes=10-", "bytes=10-11", "bytes=99999999999999999999-", "bytes=-0"}) {
    EXPECT_FALSE(byte_range(field, 10)) << field;
  }
  EXPECT_FALSE(byte_range("bytes=0-", 0));
  EXPECT_FALSE(byte_range("bytes=-1", 0));
}

}  // namespace
}  // namespace izpo::api
