#include "wire/json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

namespace izpo::wire {
namespace {

std::string json(const auto& value) {
  std::string out = "[";
  append_json(out, value);
  return out.substr(1);
}

TEST(Json, EscapesWhatMustBeAndNothingElse) {
  EXPECT_EQ(json(std::string_view()), R"("")");
  EXPECT_EQ(json(std::string_view("¡Hola, 世界! / ñ \x7f")), "\"¡Hola, 世界! / ñ \x7f\"");
  EXPECT_EQ(json(std::string_view("\"a\\b\"\n\r\t")), R"("\"a\\b\"\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
}

// Text is looked at in blocks: every character must be found at every place of one.
TEST(Json, EveryCharacterAtEveryPlaceIsReadBack) {
  for (const std::size_t size : {1UZ, 31UZ, 32UZ, 33UZ, 64UZ, 70UZ}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int letter = 0; letter < 0x80; ++letter) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(letter);
        ASSERT_EQ(boost::json::parse(json(std::string_view(text))).as_string(), text)
            << "character " << letter << " at " << place << " of " << size;
      }
    }
  }
}

TEST(Json, WritesEveryNumber) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-7}, Limits::min(), Limits::max()}) {
    EXPECT_EQ(json(number), std::to_string(number));
  }
}

}  // namespace
}  // namespace izpo::wire
