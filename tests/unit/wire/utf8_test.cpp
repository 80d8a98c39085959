#include "wire/utf8.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace izpo::wire {
namespace {

// Every byte at which the rules of Unicode's table 3-7 change, from both sides.
constexpr std::string_view kEdges(
    "\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF", 24);

bool valid(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

// Calls `visit` with every string of exactly `length` edges that begins with `prefix`.
template <class Visit>
void for_each(std::string prefix, std::size_t length, const Visit& visit) {
  if (prefix.size() == length) return visit(prefix);
  for (const char edge : kEdges) for_each(prefix + edge, length, visit);
}

bool accepts_in_pieces(std::string_view text, std::size_t cut) {
  Utf8Stream stream;
  return stream.feed(text.substr(0, cut)) && stream.feed(text.substr(cut)) && stream.complete();
}

TEST(Utf8Stream, AgreesWithAWholeCheckHoweverTheTextIsCut) {
  for (std::size_t length = 0; length <= 4; ++length) {
    for_each("", length, [](const std::string& text) {
      const bool expected = valid(text);
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        ASSERT_EQ(accepts_in_pieces(text, cut), expected)
            << testing::PrintToString(text) << " cut at " << cut;
      }
    });
  }
}

bool some_ending_is_valid(const std::string& prefix) {
  bool found = false;
  for (std::size_t more = 0; more <= 3 && !found; ++more) {
    for_each(prefix, prefix.size() + more, [&](const std::string& text) { found = found || valid(text); });
  }
  return found;
}

TEST(Utf8Stream, RefusesAtTheFirstByteThatNoValidTextHas) {
  for (std::size_t length = 1; length <= 2; ++length) {
    for_each("", length, [](const std::string& prefix) {
      ASSERT_EQ(Utf8Stream().feed(prefix), some_ending_is_valid(prefix)) << testing::PrintToString(prefix);
    });
  }
}

TEST(Utf8Stream, FindsABadByteAnywhereInALongText) {
  const std::string good = "κόσμε κόσμε κόσμε κόσμε κόσμε κόσμε κόσμε κόσμε κόσμε κόσμε κόσμε 𐍈";
  for (std::size_t cut = 0; cut <= good.size(); ++cut) EXPECT_TRUE(accepts_in_pieces(good, cut)) << cut;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '\xFF';
    EXPECT_FALSE(accepts_in_pieces(bad, good.size() / 2)) << at;
  }
}

TEST(Utf8Stream, IsNotCompleteInsideACodePoint) {
  Utf8Stream stream;
  EXPECT_TRUE(stream.complete());
  EXPECT_TRUE(stream.feed("a\xF0\x90"));
  EXPECT_FALSE(stream.complete());
  EXPECT_TRUE(stream.feed(""));
  EXPECT_FALSE(stream.complete());
  EXPECT_TRUE(stream.feed("\x8D\x88z"));
  EXPECT_TRUE(stream.complete());
}

}  // namespace
}  // namespace izpo::wire
