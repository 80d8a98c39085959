#include "app/installation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_directory.hpp"

namespace izpo::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Installation : public ::testing::Test {
 protected:
  Installation() { settings_.data_dir = temporary_.path() / "data"; }

  const izpo::testing::TemporaryDirectory temporary_;
  Settings settings_;
};

TEST_F(Installation, MakesItsDirectories) {
  settings_.database.emplace().sqlite = temporary_.path() / "elsewhere" / "chat.db";
  ASSERT_TRUE(make_directories(settings_));
  EXPECT_TRUE(std::filesystem::is_directory(settings_.data_dir));
  EXPECT_TRUE(std::filesystem::is_directory(temporary_.path() / "elsewhere"));
  EXPECT_TRUE(make_directories(settings_));
}

TEST_F(Installation, SaysWhenADirectoryCannotBe) {
  std::ofstream(settings_.data_dir) << "a file";
  const auto made = make_directories(settings_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), HasSubstr("choose another DATA_DIR"));
}

TEST_F(Installation, MigratesOnce) {
  ASSERT_TRUE(make_directories(settings_));
  const auto first = open_store(settings_);
  ASSERT_TRUE(first) << first.error();
  EXPECT_THAT(first->migrated, Not(IsEmpty()));
  const auto second = open_store(settings_);
  ASSERT_TRUE(second) << second.error();
  EXPECT_THAT(second->migrated, IsEmpty());
}

TEST_F(Installation, SaysWhenTheDatabaseIsNone) {
  ASSERT_TRUE(make_directories(settings_));
  std::ofstream(settings_.database_path()) << std::string(4096, 'x');
  const auto opened = open_store(settings_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr(settings_.database_path().string()));
}

TEST_F(Installation, SignsWithTheSettingOrTheKeptKey) {
  ASSERT_TRUE(make_directories(settings_));
  const auto kept = signing_key(settings_);
  ASSERT_TRUE(kept);
  EXPECT_EQ(signing_key(settings_), kept);
  settings_.secret_key = "one of the settings";
  EXPECT_EQ(signing_key(settings_), "one of the settings");
}

}  // namespace
}  // namespace izpo::app
