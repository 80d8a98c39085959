#include "adapters/postgres/old_accounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace izpo::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<OldAccount> accounts(
    std::initializer_list<std::pair<std::string, std::string>> names_and_emails) {
  std::vector<OldAccount> result;
  for (const auto& [name, email] : names_and_emails) {
    result.push_back({.id = static_cast<std::int64_t>(result.size()) + 1, .username = name, .email = email});
  }
  return result;
}

TEST(OldAccounts, GivesTheCommonKeyToTheFirstAndExactKeysToTheOthers) {
  const auto keyed =
      keys_of(accounts({{"Ana", "Ana@Example.test"}, {"ana", "ana@example.test"}, {"ANA", "x@y.test"}}));
  ASSERT_EQ(keyed.keys.size(), 3U);
  EXPECT_EQ(keyed.keys[0].username_key, "ana");
  EXPECT_EQ(keyed.keys[1].username_key, "@ana");
  EXPECT_EQ(keyed.keys[2].username_key, "@ANA");
  EXPECT_EQ(keyed.keys[0].email_key, "ana@example.test");
  EXPECT_EQ(keyed.keys[1].email_key, "@ana@example.test");
  EXPECT_EQ(keyed.keys[2].email_key, "x@y.test");
  EXPECT_THAT(keyed.shared_names, ElementsAre("ana", "ANA"));
  EXPECT_THAT(keyed.shared_looks, IsEmpty()) << "said of their names already";
  EXPECT_THAT(keyed.shared_emails, ElementsAre("ana@example.test"));
}

TEST(OldAccounts, KeepsLookAlikesApart) {
  const auto keyed = keys_of(accounts({{"ana", "a@x.test"}, {"\u0430na", "b@x.test"}}));
  EXPECT_EQ(keyed.keys[1].username_key, "\u0430na");
  EXPECT_EQ(keyed.keys[1].username_skeleton, "@\u0430na");
  EXPECT_THAT(keyed.shared_names, IsEmpty());
  EXPECT_THAT(keyed.shared_looks, ElementsAre("\u0430na"));
}

TEST(OldAccounts, TakesNamesThatNoRuleAllows) {
  const auto keyed = keys_of(accounts({{"Ana López", "a@x.test"},
                                       {"ben@x.test", "no address"},
                                       {"@ana", "@"},
                                       {"ana", "c@x.test"},
                                       {"", "d@x.test"}}));
  EXPECT_EQ(keyed.keys[0].username_key, "ana lópez");
  EXPECT_EQ(keyed.keys[1].username_key, "@ben@x.test") << "to the letter only";
  EXPECT_EQ(keyed.keys[2].username_key, "@@ana") << "not what belongs to a second ana";
  EXPECT_EQ(keyed.keys[3].username_key, "ana");
  EXPECT_EQ(keyed.keys[1].email_key, "no address");
  EXPECT_EQ(keyed.keys[2].email_key, "@@");
  EXPECT_THAT(keyed.shared_names, IsEmpty());
}

// The old tables forbade it, but their indexes may have been lost.
TEST(OldAccounts, HasNoKeyTwiceWhateverThereIs) {
  const auto keyed = keys_of(accounts({{"ana", "a@x.test"},
                                       {"ana", "a@x.test"},
                                       {"ana", "a@x.test"},
                                       {"ana", "a@x.test"},
                                       {"Ana", "A@x.test"},
                                       {"@ana", "@a@x.test"}}));
  std::set<std::string> names;
  std::set<std::string> looks;
  std::set<std::string> emails;
  for (const AccountKeys& keys : keyed.keys) {
    names.insert(keys.username_key);
    looks.insert(keys.username_skeleton);
    emails.insert(keys.email_key);
  }
  EXPECT_EQ(names.size(), keyed.keys.size());
  EXPECT_EQ(looks.size(), keyed.keys.size());
  EXPECT_EQ(emails.size(), keyed.keys.size());
}

}  // namespace
}  // namespace izpo::postgres
