#include "services/signed_links.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"

namespace izpo::services {
namespace {

constexpr std::string_view kBase = "https://chat.example.org";

class SignedLinksTest : public ::testing::Test {
 protected:
  static File file(std::int64_t id = 7) {
    File file;
    file.id = FileId(id);
    file.original_filename = "plano ñ.png";
    file.stored_filename = "2025/01/02/x.png";
    file.blob = "blob";
    return file;
  }

  // The signed segment.
  static std::string token(const std::string& link) {
    const auto begin = link.find('/', link.find("/files/") + 7) + 1;
    return link.substr(begin, link.find('/', begin) - begin);
  }

  testing::FixedClock clock_;
  SignedLinks links_{"a secret", std::chrono::seconds(1000), clock_};
};

TEST_F(SignedLinksTest, ALinkNamesTheFileAndIsGoodForThreeQuartersOfItsLifetimeAtLeast) {
  const std::string link = links_.link(file(), kBase);
  EXPECT_TRUE(link.starts_with("https://chat.example.org/files/7/")) << link;
  EXPECT_TRUE(link.ends_with("/plano%20%C3%B1.png")) << link;
  const auto left = links_.check(file(), token(link));
  ASSERT_TRUE(left && *left);
  EXPECT_GT(**left, std::chrono::seconds(750));
  EXPECT_LE(**left, std::chrono::seconds(1000));
  clock_.advance(**left - std::chrono::seconds(1));
  EXPECT_TRUE(links_.check(file(), token(link)));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(links_.check(file(), token(link)).error().reason, reason::kLinkExpired);
}

TEST_F(SignedLinksTest, LinksAreTheSameWithinAWindow) {
  std::size_t changes = 0;
  std::string last = links_.link(file(), kBase);
  for (int second = 0; second < 1000; ++second) {
    clock_.advance(std::chrono::seconds(1));
    const std::string link = links_.link(file(), kBase);
    if (link != last) ++changes;
    last = link;
  }
  EXPECT_EQ(changes, 4U);
}

TEST_F(SignedLinksTest, WithoutALifetimeALinkNeverEnds) {
  const SignedLinks links("a secret", std::nullopt, clock_);
  const std::string link = links.link(file(), kBase);
  clock_.advance(std::chrono::hours(24 * 3650));
  const auto left = links.check(file(), token(link));
  ASSERT_TRUE(left);
  EXPECT_EQ(*left, std::nullopt);
}

TEST_F(SignedLinksTest, AnOldFileIsLinkedHereWhenThisServersStorageHasIt) {
  const SignedLinks links("a secret", std::chrono::seconds(1000), clock_, false,
                          "https://storage.example/files/");
  File old = file();
  old.blob = "";
  old.public_url = "https://storage.example/files/2025/01/02/x.png";
  EXPECT_EQ(links.blob_of(old), "2025/01/02/x.png");
  EXPECT_TRUE(links.check(old, token(links.link(old, kBase))));
  EXPECT_EQ(links_.blob_of(old), "");
  EXPECT_EQ(links_.link(old, kBase), old.public_url);
  for (const char* elsewhere : {"", "https://storage.example/other/2025/01/02/x.png",
                                "https://storage.example/files/2025/01/02/y.png", "2025/01/02/x.png"}) {
    old.public_url = elsewhere;
    EXPECT_EQ(links.blob_of(old), "") << elsewhere;
    EXPECT_EQ(links.link(old, kBase), elsewhere);
  }
  EXPECT_EQ(links.blob_of(file()), "blob");
}

TEST_F(SignedLinksTest, NoOtherLinkIsGood) {
  const std::string good = token(links_.link(file(), kBase));
  File other_content = file();
  other_content.stored_filename = "2025/01/02/y.png";
  EXPECT_FALSE(links_.check(file(8), good));
  EXPECT_FALSE(links_.check(other_content, good));
  EXPECT_FALSE(SignedLinks("another secret", std::chrono::seconds(1000), clock_).check(file(), good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 7; ++bit) {
      std::string changed = good;
      changed[at] =
          static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << static_cast<unsigned>(bit)));
      const auto checked = links_.check(file(), changed);
      ASSERT_FALSE(checked) << changed;
      EXPECT_EQ(checked.error().reason, reason::kFileNotFound);
    }
  }
  for (const std::string& bad :
       std::vector<std::string>{"", "-", "0-", "x", good.substr(1), "0" + good, "+" + good, good + "A"}) {
    EXPECT_FALSE(links_.check(file(), bad)) << bad;
  }
}

TEST_F(SignedLinksTest, AFileOfAnEarlierVersionKeepsItsUrl) {
  File old = file();
  old.blob = "";
  old.public_url = "https://storage.example.org/a.png";
  EXPECT_EQ(links_.link(old, kBase), "https://storage.example.org/a.png");
}

}  // namespace
}  // namespace izpo::services
