#include "api/target.hpp"

#include <gtest/gtest.h>

namespace izpo::api {
namespace {

TEST(TargetTest, SplitsPathAndQuery) {
  const auto split = [](std::string_view target) {
    const Target parts = split_target(target);
    return std::string(parts.path) + "|" + std::string(parts.query);
  };
  EXPECT_EQ(split("/a/b"), "/a/b|");
  EXPECT_EQ(split("/a?b=c?d"), "/a|b=c?d");
  EXPECT_EQ(split("/a?b#c"), "/a|b");
  EXPECT_EQ(split("http://chat.example.org/a?b"), "/a|b");
  EXPECT_EQ(split("http://chat.example.org"), "/|");
  EXPECT_EQ(split("http://chat.example.org?b"), "|b");
  EXPECT_EQ(split("*"), "*|");
}

TEST(TargetTest, DecodesEscapesAndLeavesWhatIsNone) {
  EXPECT_EQ(percent_decoded("%C3%a9"), "é");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%4"), "%4");
  EXPECT_EQ(percent_decoded("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decoded("a+b"), "a+b");
  EXPECT_EQ(percent_decoded("a+b", true), "a b");
}

TEST(QueryTest, TheLastOfARepeatedNameCounts) {
  const Query query("a=1&b=%32&a=3&c&d=&=e&&x+y=z");
  EXPECT_EQ(query.find("a"), "3");
  EXPECT_EQ(query.find("b"), "2");
  EXPECT_EQ(query.find("c"), "");
  EXPECT_EQ(query.find("d"), "");
  EXPECT_EQ(query.find("x y"), "z");
  EXPECT_EQ(query.find("e"), std::nullopt);
}

TEST(RedactedTargetTest, NoSpellingOfTheTokenIsShown) {
  EXPECT_EQ(redacted_target("/api/ws/3?token=abc.def&after_seq=4"), "/api/ws/3?token=***&after_seq=4");
  EXPECT_EQ(redacted_target("/api/ws/3?a=1&t%6Fken=abc"), "/api/ws/3?a=1&t%6Fken=***");
  EXPECT_EQ(redacted_target("/api/ws/3?TOKEN=abc&token=def"), "/api/ws/3?TOKEN=***&token=***");
  EXPECT_EQ(redacted_target("/api/ws/3?token"), "/api/ws/3?token");
  EXPECT_EQ(redacted_target("/api/rooms?limit=5"), "/api/rooms?limit=5");
  EXPECT_EQ(redacted_target("/plain"), "/plain");
}

TEST(RedactedTargetTest, TheSignatureOfALinkIsNotShown) {
  EXPECT_EQ(redacted_target("/files/7/123-abc/a%20b.png?x=1"), "/files/7/***/a%20b.png?x=1");
  EXPECT_EQ(redacted_target("/%66iles/7/123-abc"), "/%66iles/7/***");
  EXPECT_EQ(redacted_target("/api/files/7/abc"), "/api/files/7/abc");
  EXPECT_EQ(redacted_target("/files/7"), "/files/7");
}

TEST(RedactedTargetTest, ControlCharactersCannotMakeALogLine) {
  EXPECT_EQ(redacted_target("/a\r\nb?c\x1b=d\x7f"), "/a??b?c?=d?");
}

}  // namespace
}  // namespace izpo::api
