#include "app/terminal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "app/user_texts.hpp"

namespace izpo::app {
namespace {

api::Language language(const char* all, const char* messages, const char* lang) {
  ::setenv("LC_ALL", all, 1);
  ::setenv("LC_MESSAGES", messages, 1);
  ::setenv("LANG", lang, 1);
  const api::Language spoken = terminal_language();
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) ::unsetenv(name);
  return spoken;
}

TEST(TerminalLanguage, FollowsTheLocale) {
  EXPECT_EQ(language("", "", "es_ES.UTF-8"), api::Language::kSpanish);
  EXPECT_EQ(language("", "", "en_GB.UTF-8"), api::Language::kEnglish);
  EXPECT_EQ(language("", "es_MX", "en_US"), api::Language::kSpanish);
  EXPECT_EQ(language("C.UTF-8", "es_MX", "es_MX"), api::Language::kEnglish);
  EXPECT_EQ(language("", "", ""), api::Language::kSpanish);
}

// fmt is given as many values for one language as for the other.
TEST(UserTexts, HaveTheSamePlacesInBothLanguages) {
  const auto places = [](std::string_view text) { return std::ranges::count(text, '{'); };
  const UserTexts& es = user_texts(api::Language::kSpanish);
  const UserTexts& en = user_texts(api::Language::kEnglish);
  for (const auto text : {&UserTexts::created, &UserTexts::activated, &UserTexts::deactivated,
                          &UserTexts::password_set, &UserTexts::made_password, &UserTexts::ask_password,
                          &UserTexts::ask_again, &UserTexts::passwords_differ, &UserTexts::no_password,
                          &UserTexts::no_such_user, &UserTexts::no_database}) {
    EXPECT_FALSE((es.*text).empty());
    EXPECT_NE(es.*text, en.*text);
    EXPECT_EQ(places(es.*text), places(en.*text)) << es.*text;
  }
}

}  // namespace
}  // namespace izpo::app
