#include "domain/username.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace izpo {
namespace {

TEST(Username, TakesLettersAndDigitsOfAnyScript) {
  for (std::string_view name : {"ana", "Ana_Perez", "j.r.r", "x-1", "José", "Ñandú", "Вера", "דוד", "王小明",
                                "किरण", "ישראל2", "Ελένη", "محمد", "ผู้ใช้", "٣٤٥"}) {
    const auto username = check_username(name);
    ASSERT_TRUE(username) << name << ": " << username.error().type;
    EXPECT_FALSE(username->keys.folded.empty());
    EXPECT_FALSE(username->keys.skeleton.empty());
  }
}

TEST(Username, RefusesEverythingElse) {
  const std::string with_nul("an\0a", 4);
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"a@b", "an at sign"},
      {"a na", "a space"},
      {" ana", "a leading space"},
      {"ana\u00A0", "a no-break space, which NFKC makes a space"},
      {"a/na", "a slash"},
      {with_nul, "a NUL"},
      {"an\ta", "a tab"},
      {"an\u0085a", "a C1 control"},
      {"an\u200Ba", "a zero-width space"},
      {"an\u200Da", "a zero-width joiner"},
      {"an\u2060a", "a word joiner"},
      {"an\uFEFFa", "a byte order mark"},
      {"an\u00ADa", "a soft hyphen"},
      {"an\u202Ea", "a direction override"},
      {"an\u2067a", "a direction isolate"},
      {"an\u200Fa", "a direction mark"},
      {"an\u034Fa", "a combining grapheme joiner: a mark, but ignorable"},
      {"an\uFE0Fa", "a variation selector: a mark, but ignorable"},
      {"an\u3164a", "a Hangul filler: a letter, but ignorable"},
      {"an\u115Fa", "a Hangul choseong filler"},
      {"an\U000E0061", "a tag character"},
      {"ana\U0001F600", "an emoji"},
      {"ana\u20DD", "an enclosing mark"},
      {"ana²½", "a fraction, which NFKC spells with a slash"},
      {"an\uE000a", "a private-use character"},
      {"an\u0378a", "an unassigned code point"},
      {"an\xED\xA0\x80", "a lone surrogate"},
      {"an\xFF", "no UTF-8"},
      {"\u0301ana", "a mark with nothing under it"},
      {"ana_\u0301", "a mark on punctuation"},
      {"anq\u0323\u0324\u0325\u0330\u0331", "five marks on one letter"},
      {"...", "no letter or digit"},
      {"_-_", "no letter or digit"},
  };
  for (const auto& [name, what] : cases) {
    const auto username = check_username(name);
    ASSERT_FALSE(username) << what;
    EXPECT_EQ(username.error().type, "value_error") << what;
    EXPECT_EQ(username.error().argument, rule::kUsernameCharacters) << what;
    EXPECT_TRUE(username.error().loc.empty());
  }
}

TEST(Username, Has3To50CodePointsAfterNormalisation) {
  EXPECT_EQ(check_username("").error().type, "string_too_short");
  EXPECT_EQ(check_username("ab").error().argument, "3");
  EXPECT_EQ(check_username("ae\u0301").error().type, "string_too_short") << "two once composed";
  EXPECT_TRUE(check_username(std::string(50, 'a')));
  EXPECT_EQ(check_username(std::string(51, 'a')).error().type, "string_too_long");
  EXPECT_EQ(check_username(std::string(51, 'a')).error().argument, "50");
  std::string ligatures;
  for (int i = 0; i < 20; ++i) ligatures += "\uFB03";  // ffi
  EXPECT_EQ(check_username(ligatures).error().type, "string_too_long") << "sixty once spelt out";
}

TEST(Username, IsKeptInNfkcAsItsOwnerWroteIt) {
  EXPECT_EQ(check_username("Jose\u0301")->text, "José");
  EXPECT_EQ(check_username("Ａｎａ")->text, "Ana") << "full-width letters";
  EXPECT_EQ(check_username("ﬁona")->text, "fiona");
}

TEST(Username, FoldsWhatIsTheSameName) {
  EXPECT_EQ(check_username("ANA")->keys.folded, "ana");
  EXPECT_EQ(check_username("STRASSE")->keys.folded, check_username("straße")->keys.folded);
  EXPECT_EQ(check_username("Σίσυφος")->keys.folded, check_username("ΣΊΣΥΦΟΣ")->keys.folded);
  EXPECT_NE(check_username("jose")->keys.folded, check_username("josé")->keys.folded);
  for (std::string_view name : {"ANA", "straße", "José", "Ａｎａ", "ΣΊΣΥΦΟΣ"}) {
    EXPECT_EQ(fold_username(name), check_username(name)->keys.folded) << name;
    EXPECT_EQ(fold_username(fold_username(name)), fold_username(name)) << name;
  }
}

TEST(Username, TakesAnyBytesToLookUp) {
  EXPECT_EQ(fold_username(""), "");
  EXPECT_EQ(fold_username("\xFF\xFE"), "\uFFFD\uFFFD");
}

TEST(Username, GivesLookAlikesOneSkeleton) {
  const auto skeleton = [](std::string_view name) { return check_username(name)->keys.skeleton; };
  EXPECT_EQ(skeleton("paypal"), skeleton("pаypаl")) << "Cyrillic а";
  EXPECT_EQ(skeleton("paypal"), skeleton("paypaI")) << "capital i for l";
  EXPECT_EQ(skeleton("ana1"), skeleton("anal"));
  EXPECT_EQ(skeleton("modern"), skeleton("modem"));
  EXPECT_EQ(skeleton("scope"), skeleton("ѕсоре")) << "all Cyrillic";
  EXPECT_EQ(skeleton("alice"), skeleton("Аlice")) << "a Cyrillic capital before a name in small letters";
  EXPECT_NE(skeleton("jose"), skeleton("josé"));
  EXPECT_NE(skeleton("ana"), skeleton("ann"));
  EXPECT_NE(skeleton("ana_b"), skeleton("ana-b"));
}

TEST(Username, MakesKeysForANameFromOtherRules) {
  EXPECT_EQ(username_keys("José Pérez").folded, "josé pérez");
  EXPECT_EQ(username_keys("ana"), check_username("ana")->keys);
  EXPECT_EQ(username_keys("\xFF").folded, "\uFFFD");
}

TEST(Username, IsCheckedFromManyThreadsAtOnce) {
  const UsernameKeys expected = check_username("Ελένη")->keys;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) ASSERT_EQ(check_username("Ελένη")->keys, expected);
    });
  }
}

}  // namespace
}  // namespace izpo
