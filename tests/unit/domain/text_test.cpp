#include "domain/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace izpo {
namespace {

std::string times(std::size_t count, std::string_view piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

const std::string kWithNul("a\0b", 3);
constexpr std::string_view kEmoji = "\U0001F600";  // four bytes, one code point
constexpr std::string_view kLoneSurrogate = "a\xED\xA0\x80";
constexpr std::string_view kOverlong = "a\xC0\xAF";
constexpr std::string_view kTruncated = "a\xF0\x9F\x98";

TEST(Text, CountsCodePointsAndNotBytes) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("año"), 3U);
  EXPECT_EQ(count_code_points(times(3, kEmoji)), 3U);
}

TEST(Text, TrimsEveryWhiteSpaceOfUnicodeAndNothingInside) {
  EXPECT_EQ(trim("\u00A0\u2003\t\n a b \u3000\u2028"), "a b");
  EXPECT_EQ(trim(" \u0085 "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\u200Ba"), "\u200Ba") << "a zero-width space is no White_Space";
  EXPECT_EQ(trim("é"), "é") << "its last byte is no white space by itself";
}

TEST(Text, RefusesWhatNoColumnCanHold) {
  EXPECT_TRUE(is_storable_text("¿Qué tal? 你好"));
  for (std::string_view bad : {std::string_view(kWithNul), kLoneSurrogate, kOverlong, kTruncated}) {
    EXPECT_FALSE(is_storable_text(bad));
    EXPECT_EQ(clean_message(bad, true).error().reason, reason::kInvalidText);
    EXPECT_EQ(clean_room_name(bad).error().argument, rule::kText);
    EXPECT_EQ(clean_description(bad).error().argument, rule::kText);
    EXPECT_EQ(clean_full_name(bad).error().argument, rule::kText);
    EXPECT_EQ(check_new_password(std::string(bad) + "12345678").error().argument, rule::kText);
    EXPECT_EQ(check_client_id(bad).error().reason, reason::kInvalidClientId);
  }
}

TEST(Message, IsTrimmedAndMeasuredAfterwards) {
  EXPECT_EQ(*clean_message("  hola\n", false), "hola");
  EXPECT_EQ(*clean_message("uno\n  dos", false), "uno\n  dos");
  EXPECT_EQ(clean_message(" \u3000\n", false).error().reason, reason::kEmptyMessage);
  EXPECT_EQ(*clean_message(" \n", true), "") << "a file needs no words";
  EXPECT_TRUE(clean_message("  " + times(kMaxMessage, kEmoji) + "  ", false));
  EXPECT_EQ(clean_message(times(kMaxMessage + 1, "x"), false).error().reason, reason::kMessageTooLong);
  EXPECT_EQ(clean_message(times(kMaxMessage + 1, "x"), true).error().reason, reason::kMessageTooLong);
}

TEST(ClientId, HasOneTo64CodePoints) {
  EXPECT_TRUE(check_client_id("a"));
  EXPECT_TRUE(check_client_id(times(64, "ñ")));
  EXPECT_FALSE(check_client_id(""));
  EXPECT_FALSE(check_client_id(times(65, "x")));
}

TEST(RoomName, HasOneTo100CodePointsOnOneLine) {
  EXPECT_EQ(*clean_room_name("  Sala de café "), "Sala de café");
  EXPECT_TRUE(clean_room_name(times(100, kEmoji)));
  EXPECT_EQ(clean_room_name(" \t ").error().type, "string_too_short");
  EXPECT_EQ(clean_room_name(" \t ").error().argument, "1");
  EXPECT_EQ(clean_room_name(times(101, "x")).error().type, "string_too_long");
  EXPECT_EQ(clean_room_name(times(101, "x")).error().argument, "100");
  for (std::string_view bad : {"a\nb", "a\u007Fb", "a\u2028b", "a\u202Eb", "a\u2066b"}) {
    EXPECT_EQ(clean_room_name(bad).error().type, "value_error") << bad;
    EXPECT_EQ(clean_room_name(bad).error().argument, rule::kSingleLineText) << bad;
  }
  EXPECT_TRUE(clean_room_name("صالة\u200Fعامة")) << "a mark of direction is part of the writing";
}

TEST(Description, MayHaveLinesAndMayBeEmpty) {
  EXPECT_EQ(*clean_description(" uno\ndos "), "uno\ndos");
  EXPECT_EQ(*clean_description("  "), "");
  EXPECT_TRUE(clean_description(times(1000, "ñ")));
  EXPECT_EQ(clean_description(times(1001, "x")).error().argument, "1000");
}

TEST(FullName, HasAtMost100CodePointsOnOneLine) {
  EXPECT_EQ(*clean_full_name(" Ana Pérez "), "Ana Pérez");
  EXPECT_EQ(clean_full_name(times(101, "x")).error().type, "string_too_long");
  EXPECT_EQ(clean_full_name("a\u0007b").error().argument, rule::kSingleLineText);
}

TEST(NewPassword, Has8To128CodePointsAndKeepsItsSpaces) {
  EXPECT_EQ(check_new_password("1234567").error().type, "string_too_short");
  EXPECT_EQ(check_new_password("1234567").error().argument, "8");
  EXPECT_TRUE(check_new_password("        "));
  EXPECT_TRUE(check_new_password(times(8, kEmoji)));
  EXPECT_FALSE(check_new_password(times(7, kEmoji))) << "28 bytes, but 7 characters";
  EXPECT_TRUE(check_new_password(times(128, kEmoji)));
  EXPECT_EQ(check_new_password(times(129, "x")).error().argument, "128");
}

TEST(FieldChecks, TellsOfEveryBrokenFieldAtOnce) {
  FieldChecks checks;
  EXPECT_EQ(checks.take("name", clean_room_name(" ok ")), "ok");
  checks.take("description", clean_description(times(1001, "x")));
  checks.take("password", check_new_password("short"));
  const auto outcome = std::move(checks).outcome();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, reason::kValidation);
  ASSERT_EQ(outcome.error().fields.size(), 2U);
  EXPECT_EQ(outcome.error().fields[0].loc, (std::vector<std::string>{"body", "description"}));
  EXPECT_EQ(outcome.error().fields[1].loc, (std::vector<std::string>{"body", "password"}));
}

TEST(FieldChecks, PassesWhenNothingIsBroken) {
  EXPECT_TRUE(FieldChecks().outcome());
}

TEST(FileNameTest, NamesAreKeptAsTypedWithoutTheirDirectories) {
  EXPECT_EQ(clean_file_name("informe final (2).txt"), "informe final (2).txt");
  EXPECT_EQ(clean_file_name("ñandú 😀.png"), "ñandú 😀.png");
  EXPECT_EQ(clean_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(clean_file_name("C:\\fotos\\a.png"), "a.png");
  EXPECT_EQ(clean_file_name(" a.txt "), "a.txt");
  EXPECT_EQ(clean_file_name("/"), "");
  EXPECT_EQ(clean_file_name(std::string_view("a\0b\n.txt", 8)), "a_b_.txt");
  EXPECT_EQ(clean_file_name("a\u202Egpj.exe"), "a_gpj.exe");
  EXPECT_EQ(clean_file_name("a\xF1o.txt"), "año.txt");
}

TEST(FileNameTest, LongNamesAreCutBeforeTheExtension) {
  std::string emoji;
  for (int i = 0; i < 300; ++i) emoji += "😀";
  EXPECT_EQ(clean_file_name(emoji + ".txt"), emoji.substr(0, 251UZ * 4) + ".txt");
  EXPECT_EQ(clean_file_name(emoji), emoji.substr(0, 255UZ * 4));
  EXPECT_EQ(count_code_points(clean_file_name(std::string(400, 'a') + "." + std::string(100, 'b'))), 255U);
  EXPECT_EQ(clean_file_name(std::string(255, 'a')), std::string(255, 'a'));
}

}  // namespace
}  // namespace izpo
