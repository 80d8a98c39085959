#include "domain/email.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace izpo {
namespace {

const std::string kLabel63(63, 'd');

TEST(Email, TakesAddressesThatMailCanBeSentTo) {
  const std::vector<std::string> good = {
      "ana@example.com",
      "ana.perez+chat@mail.example.com",
      "o'brien@example.com",
      "!#$%&'*+-/=?^_`{|}~@example.com",
      "a@b.co",
      "123@example.com",
      "ana@1and1.example",
      "josé@example.com",
      "用户@例子.example",
      "ana@münchen.example",
      "ana@xn--mnchen-3ya.example",
      std::string(64, 'a') + "@example.com",
      "a@" + kLabel63 + ".com",
  };
  for (const std::string& address : good) EXPECT_TRUE(check_email(address)) << address;
}

TEST(Email, RefusesEverythingElse) {
  const std::vector<std::string> bad = {
      "",
      " ",
      "ana",
      "@",
      "@example.com",
      "ana@",
      "ana@@example.com",
      "ana@b@example.com",
      "ana@example",
      "ana@localhost",
      "ana@example.com.",
      "ana@.example.com",
      "ana@example..com",
      "ana@-example.com",
      "ana@example-.com",
      "ana@exa mple.com",
      "ana@exa_mple.com",
      "ana@127.0.0.1",
      "ana@[127.0.0.1]",
      ".ana@example.com",
      "ana.@example.com",
      "ana..b@example.com",
      "ana b@example.com",
      "\"ana b\"@example.com",
      "ana(b)@example.com",
      "Ana <ana@example.com>",
      "ana@example.com, eva@example.com",
      "ana\r\nBcc: eva@example.com",
      std::string("ana\0@example.com", 16),
      "an\u200Ba@example.com",
      "an\u202Ea@example.com",
      "an\u00A0a@example.com",
      "an\xFF@example.com",
      "ana@ex\u200Dample.com",
      "ana@xn--zzzzzz99999.com",
      std::string(65, 'a') + "@example.com",
      "a@" + kLabel63 + "d.com",
      "a@" + kLabel63 + "." + kLabel63 + "." + kLabel63 + "." + kLabel63 + ".com",
      std::string(100'000, 'a') + "@example.com",
  };
  for (const std::string& address : bad) {
    const auto email = check_email(address);
    ASSERT_FALSE(email) << address;
    EXPECT_EQ(email.error().type, "value_error") << address;
    EXPECT_EQ(email.error().argument, rule::kEmail) << address;
  }
}

TEST(Email, IsKeptAsWrittenButForItsDomainAndSurroundings) {
  EXPECT_EQ(check_email("  Ana.Perez@Example.COM\n")->text, "Ana.Perez@example.com");
  EXPECT_EQ(check_email("jose\u0301@example.com")->text, "josé@example.com");
  EXPECT_EQ(check_email("ana@xn--mnchen-3ya.example")->text, "ana@münchen.example");
}

TEST(Email, HasOneKeyForOneMailbox) {
  const auto key = [](std::string_view address) { return check_email(address)->key; };
  EXPECT_EQ(key("ANA@EXAMPLE.COM"), "ana@example.com");
  EXPECT_EQ(key("ana@München.example"), key("ana@xn--mnchen-3ya.example"));
  EXPECT_NE(key("ana.perez@example.com"), key("anaperez@example.com"));
  for (std::string_view address : {"ANA@Example.com", "ana@münchen.example", " ana@example.com "}) {
    EXPECT_EQ(email_key(address), key(address)) << address;
    EXPECT_EQ(email_key(key(address)), key(address)) << address;
  }
}

TEST(Email, TakesAnyBytesToLookUp) {
  EXPECT_EQ(email_key("Ana@LOCALHOST"), "ana@localhost");
  EXPECT_EQ(email_key("\xFF@"), "\uFFFD@");
}

}  // namespace
}  // namespace izpo
