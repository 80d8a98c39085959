#include "app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace izpo::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using PasswordFrom = UserCommand::PasswordFrom;

std::expected<CommandLine, Stop> parse(std::vector<const char*> arguments) {
  return parse_command_line(arguments);
}

TEST(CommandLine, ServeTakesSettingsAsOptions) {
  const auto line = parse({"serve", "--host", "0.0.0.0", "--port=9000", "--data-dir", "/srv/chat"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(std::holds_alternative<ServeCommand>(line->command));
  EXPECT_THAT(line->settings,
              ElementsAre(Pair("DATA_DIR", "/srv/chat"), Pair("HOST", "0.0.0.0"), Pair("PORT", "9000")));
}

TEST(CommandLine, InitDbIsMigrate) {
  for (const char* name : {"migrate", "init-db"}) {
    const auto line = parse({name});
    ASSERT_TRUE(line) << name;
    EXPECT_TRUE(std::holds_alternative<MigrateCommand>(line->command)) << name;
    EXPECT_TRUE(line->settings.empty());
  }
}

TEST(CommandLine, SaysHowADatabaseIsTakenOver) {
  const auto plain = parse({"migrate"});
  EXPECT_FALSE(std::get<MigrateCommand>(plain->command).dry_run);
  EXPECT_EQ(std::get<MigrateCommand>(plain->command).owner, "");
  const auto asked = parse({"migrate", "--dry-run", "--owner", "ana"});
  EXPECT_TRUE(std::get<MigrateCommand>(asked->command).dry_run);
  EXPECT_EQ(std::get<MigrateCommand>(asked->command).owner, "ana");
}

TEST(CommandLine, BackupAndRestoreTakeTheArchive) {
  const auto backup = parse({"backup", "chat.tar", "--data-dir", "d"});
  ASSERT_TRUE(backup);
  EXPECT_EQ(std::get<BackupCommand>(backup->command).file, "chat.tar");
  EXPECT_THAT(backup->settings, ElementsAre(Pair("DATA_DIR", "d")));
  const auto restore = parse({"restore", "--data-dir=d", "chat.tar"});
  ASSERT_TRUE(restore);
  EXPECT_EQ(std::get<RestoreCommand>(restore->command).file, "chat.tar");
  EXPECT_EQ(parse({"backup"}).error().status, kMisused);
  EXPECT_EQ(parse({"restore", "a.tar", "b.tar"}).error().status, kMisused);
  EXPECT_TRUE(std::holds_alternative<NewEpochCommand>(parse({"new-epoch"})->command));
}

TEST(CommandLine, CopyTakesBothEnds) {
  const auto line = parse(
      {"copy", "--from", "sqlite:///a.db", "--to=postgresql://b/c", "--data-dir", "d", "--to-data-dir", "e"});
  ASSERT_TRUE(line);
  const auto& copy = std::get<CopyCommand>(line->command);
  EXPECT_EQ(copy.from, "sqlite:///a.db");
  EXPECT_EQ(copy.to, "postgresql://b/c");
  EXPECT_EQ(copy.to_data_dir, "e");
  EXPECT_THAT(line->settings, ElementsAre(Pair("DATA_DIR", "d")));
  EXPECT_EQ(std::get<CopyCommand>(parse({"copy"})->command).to, "");
  EXPECT_EQ(parse({"copy", "sqlite:///a.db"}).error().status, kMisused);
}

TEST(CommandLine, UserCreateTakesAllOfAnAccount) {
  const auto line = parse({"user", "create", "ana", "--email", "ana@chat.example", "--full-name", "Ana Uno",
                           "--password-stdin", "--data-dir", "d"});
  ASSERT_TRUE(line);
  const auto& user = std::get<UserCommand>(line->command);
  EXPECT_EQ(user.action, UserCommand::Action::kCreate);
  EXPECT_EQ(user.username, "ana");
  EXPECT_EQ(user.email, "ana@chat.example");
  EXPECT_EQ(user.full_name, "Ana Uno");
  EXPECT_EQ(user.password_from, PasswordFrom::kStdin);
  EXPECT_THAT(line->settings, ElementsAre(Pair("DATA_DIR", "d")));
}

TEST(CommandLine, UserActionsAreTold) {
  using Action = UserCommand::Action;
  const auto action = [](std::vector<const char*> arguments) {
    const auto line = parse(std::move(arguments));
    return line ? std::optional(std::get<UserCommand>(line->command).action) : std::nullopt;
  };
  EXPECT_EQ(action({"user", "list"}), Action::kList);
  EXPECT_EQ(action({"user", "activate", "ana"}), Action::kActivate);
  EXPECT_EQ(action({"user", "deactivate", "ana"}), Action::kDeactivate);
  EXPECT_EQ(action({"user", "set-password", "ana"}), Action::kSetPassword);
}

TEST(CommandLine, PasswordsArePromptedForUnlessToldOtherwise) {
  const auto from = [](std::vector<const char*> arguments) {
    return std::get<UserCommand>(parse(std::move(arguments)).value().command).password_from;
  };
  EXPECT_EQ(from({"user", "set-password", "ana"}), PasswordFrom::kPrompt);
  EXPECT_EQ(from({"user", "set-password", "ana", "--make-password"}), PasswordFrom::kMade);
}

TEST(CommandLine, SettingsHaveFormats) {
  const auto format = [](std::vector<const char*> arguments) {
    return std::get<SettingsCommand>(parse(std::move(arguments)).value().command).format;
  };
  EXPECT_EQ(format({"settings"}), SettingsCommand::Format::kText);
  EXPECT_EQ(format({"settings", "--format", "markdown"}), SettingsCommand::Format::kMarkdown);
  EXPECT_EQ(format({"settings", "--format", "dotenv"}), SettingsCommand::Format::kDotenv);
}

TEST(CommandLine, HelpAndVersionAreNoFailure) {
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{"--help"}, {"serve", "-h"}, {"user", "create", "--help"}}) {
    const auto line = parse(arguments);
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().status, kDone);
    EXPECT_THAT(line.error().text, HasSubstr("Usage: izpochat"));
  }
  EXPECT_THAT(parse({"user", "create", "--help"}).error().text, HasSubstr("Usage: izpochat user create"));
  const auto version = parse({"--version"});
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().status, kDone);
  EXPECT_EQ(version.error().text, "izpochat " IZPO_VERSION "\n");
}

TEST(CommandLine, WhatIsWrongIsOneLine) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {},
           {"dance"},
           {"serve", "--colour", "red"},
           {"serve", "extra"},
           {"user"},
           {"user", "create", "ana"},
           {"user", "deactivate"},
           {"user", "set-password", "ana", "--password-stdin", "--make-password"},
           {"settings", "--format", "xml"},
           {"migrate", "--port", "1"},
           {"serve", "migrate"}}) {
    const auto line = parse(arguments);
    ASSERT_FALSE(line) << testing::PrintToString(arguments);
    EXPECT_EQ(line.error().status, kMisused);
    EXPECT_THAT(line.error().text, testing::StartsWith("izpochat: "));
    EXPECT_EQ(line.error().text.find('\n'), line.error().text.size() - 1) << line.error().text;
  }
}

}  // namespace
}  // namespace izpo::app
