#include "api/language.hpp"

#include <gtest/gtest.h>

namespace izpo::api {
namespace {

TEST(LanguageTest, SpanishWithoutAWish) {
  EXPECT_EQ(choose_language(std::nullopt), Language::kSpanish);
  EXPECT_EQ(choose_language(""), Language::kSpanish);
  EXPECT_EQ(choose_language("fr, de;q=0.9"), Language::kSpanish);
  EXPECT_EQ(choose_language("*"), Language::kSpanish);
}

TEST(LanguageTest, TheHigherWeightWins) {
  EXPECT_EQ(choose_language("en"), Language::kEnglish);
  EXPECT_EQ(choose_language("EN-gb"), Language::kEnglish);
  EXPECT_EQ(choose_language("fr, en;q=0.2"), Language::kEnglish);
  EXPECT_EQ(choose_language("en;q=0.8, es;q=0.9"), Language::kSpanish);
  EXPECT_EQ(choose_language("es-MX;q=0.5 , en-US ; q=0.501"), Language::kEnglish);
  EXPECT_EQ(choose_language("en;q=0.3, *;q=0.7"), Language::kSpanish);
}

TEST(LanguageTest, TheFirstNamedWinsADraw) {
  EXPECT_EQ(choose_language("en, es"), Language::kEnglish);
  EXPECT_EQ(choose_language("es, en"), Language::kSpanish);
}

TEST(LanguageTest, ZeroMeansNotThisOne) {
  EXPECT_EQ(choose_language("en;q=0"), Language::kSpanish);
  EXPECT_EQ(choose_language("es;q=0, *"), Language::kEnglish);
  EXPECT_EQ(choose_language("en;q=0, es;q=0"), Language::kSpanish);
}

TEST(LanguageTest, AnUnreadableWeightCountsAsZero) {
  EXPECT_EQ(choose_language("en;q=2"), Language::kSpanish);
  EXPECT_EQ(choose_language("en;q=0.1234"), Language::kSpanish);
  EXPECT_EQ(choose_language("en;q="), Language::kSpanish);
  EXPECT_EQ(choose_language(",,;,en;x=1;q=1.000"), Language::kEnglish);
}

}  // namespace
}  // namespace izpo::api
