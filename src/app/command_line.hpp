#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace izpo::app {

// Exit statuses of the program.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kMisused = 2;  // a wrong command line or setting

struct ServeCommand {};
struct MigrateCommand {
  // For a database of the FastAPI version:
  std::string owner;     // the username of who gets the rooms that have no owner; empty: nobody
  bool dry_run = false;  // rehearse it
};
struct OpenapiCommand {};
struct HealthCommand {};

struct NewEpochCommand {};

struct BackupCommand {
  std::string file;
};

struct RestoreCommand {
  std::string file;
};

struct CopyCommand {
  // URLs as DATABASE_URL takes them, and a directory; empty: not given.
  std::string from;
  std::string to;
  std::string to_data_dir;
};

struct SettingsCommand {
  enum class Format : std::uint8_t { kText, kMarkdown, kDotenv };
  Format format = Format::kText;
};

struct UserCommand {
  enum class Action : std::uint8_t { kCreate, kDeactivate, kActivate, kSetPassword, kList };
  enum class PasswordFrom : std::uint8_t {
    kPrompt,  // typed twice on the terminal, unseen
    kStdin,   // the first line of standard input
    kMade,    // a new one, printed once
  };
  Action action = Action::kList;
  std::string username;
  std::string email;      // kCreate
  std::string full_name;  // kCreate; empty: none
  PasswordFrom password_from = PasswordFrom::kPrompt;
};

using Command = std::variant<ServeCommand, MigrateCommand, BackupCommand, RestoreCommand, CopyCommand,
                             NewEpochCommand, OpenapiCommand, HealthCommand, SettingsCommand, UserCommand>;

struct CommandLine {
  Command command;
  std::map<std::string, std::string, std::less<>> settings;  // those given as options, by the setting's name
};

// What to print instead of doing anything: help or the version (kDone), or what is wrong (kMisused).
struct Stop {
  int status = kDone;
  std::string text;
};

// `arguments` are without the program's name.
std::expected<CommandLine, Stop> parse_command_line(std::span<const char* const> arguments);

}  // namespace izpo::app
