#include "app/secret_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <barrier>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"

namespace izpo::app {
namespace {

class Counter : public Random {
 public:
  void fill(std::span<unsigned char> bytes) override {
    for (unsigned char& byte : bytes) byte = next_++;
  }

 private:
  std::atomic<unsigned char> next_ = 1;
};

class SecretKey : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return directory_ / "secret.key"; }
  mode_t mode() const {
    struct stat status{};
    EXPECT_EQ(::stat(file().c_str(), &status), 0);
    return status.st_mode & 0777U;
  }
  std::ptrdiff_t files() const { return std::distance(std::filesystem::directory_iterator(directory_), {}); }

  const izpo::testing::TemporaryDirectory temporary_;
  const std::filesystem::path directory_ = temporary_.path();
  Counter random_;
};

TEST_F(SecretKey, IsMadeOnceAndKept) {
  const auto first = kept_secret_key(directory_, random_);
  ASSERT_TRUE(first) << first.error();
  EXPECT_EQ(*first, "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
  EXPECT_EQ(kept_secret_key(directory_, random_), first);
  EXPECT_EQ(mode(), 0600U);
  EXPECT_EQ(files(), 1);
}

TEST_F(SecretKey, IsOneForAllWhoMakeItAtOnce) {
  constexpr int kMakers = 8;
  std::vector<std::string> keys(kMakers);
  {
    std::barrier start(kMakers);
    std::vector<std::jthread> makers;
    for (std::string& key : keys) {
      makers.emplace_back([&] {
        start.arrive_and_wait();
        key = kept_secret_key(directory_, random_).value_or("none");
      });
    }
  }
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1U);
  EXPECT_EQ(keys.front().size(), 64U);
  EXPECT_EQ(files(), 1);
}

TEST_F(SecretKey, TakesTheRightsOfOthersAway) {
  const auto key = kept_secret_key(directory_, random_);
  std::filesystem::permissions(file(), std::filesystem::perms(0644));
  EXPECT_EQ(kept_secret_key(directory_, random_), key);
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(SecretKey, SaysWhenTheFileIsDamaged) {
  std::ofstream(file()) << "0102";
  const auto key = kept_secret_key(directory_, random_);
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error(), ::testing::HasSubstr("secret.key is damaged"));
  EXPECT_THAT(key.error(), ::testing::Not(::testing::HasSubstr("0102")));
}

TEST_F(SecretKey, DoesNotFollowALink) {
  std::ofstream(directory_ / "elsewhere") << std::string(64, 'a');
  std::filesystem::create_symlink("elsewhere", file());
  EXPECT_FALSE(kept_secret_key(directory_, random_));
}

TEST_F(SecretKey, SaysWhenTheDirectoryIsNotThere) {
  const auto key = kept_secret_key(directory_ / "missing", random_);
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error(), ::testing::HasSubstr("cannot make"));
}

TEST_F(SecretKey, OfAnotherDirectoryIsKeptOnceAndNotReplaced) {
  const std::string key(64, 'a');
  ASSERT_TRUE(keep_secret_key(directory_, key));
  EXPECT_EQ(existing_secret_key(directory_).value(), key);
  EXPECT_EQ(mode(), 0600U);
  EXPECT_TRUE(keep_secret_key(directory_, key));
  const auto other = keep_secret_key(directory_, std::string(64, 'b'));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error(), ::testing::HasSubstr("another key"));
  EXPECT_THAT(other.error(), ::testing::Not(::testing::HasSubstr("aaaa")));
  EXPECT_EQ(existing_secret_key(directory_).value(), key);
  EXPECT_EQ(files(), 1);
}

}  // namespace
}  // namespace izpo::app
