#include "app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <vector>

namespace izpo::app {
namespace {

using Format = SettingsCommand::Format;
using Action = UserCommand::Action;
using PasswordFrom = UserCommand::PasswordFrom;

constexpr const char* kAbout =
    "IzpoChat, a chat server that a team runs itself.\n"
    "Settings come from these options, the environment, or .env in the working directory: see `izpochat "
    "settings`.\n"
    "Exit status: 0 done, 1 failed, 2 a wrong command line or setting.";

class Parser {
 public:
  Parser() {
    program_.require_subcommand(1);
    program_.set_version_flag("--version", "izpochat " IZPO_VERSION, "Print the version");
    add_plain<ServeCommand>("serve", "Serve until SIGTERM, SIGINT or SIGHUP; a second one does not wait",
                            {kHost, kPort, kDataDir});
    add_migrate();
    add_with_file<BackupCommand>("backup",
                                 "Put the database, the files and the key into one archive, while it serves",
                                 "The archive to make (tar); it must not exist yet");
    add_with_file<RestoreCommand>("restore", "Make an installation of a backup, in an empty data directory",
                                  "The archive that backup made; it may be compressed (gzip, xz, zstd)");
    add_copy();
    add_plain<NewEpochCommand>(
        "new-epoch", "Make all clients load their history again, after a restore by other means", {kDataDir});
    add_plain<OpenapiCommand>("openapi", "Print the API as an OpenAPI 3.1 document", {});
    add_plain<HealthCommand>("health", "Ask the server on this machine whether it is well", {kHost, kPort});
    add_settings();
    add_user();
  }

  std::expected<CommandLine, Stop> parse(std::span<const char* const> arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    try {
      program_.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
      return std::unexpected(Stop{kDone, help()});
    } catch (const CLI::CallForVersion& version) {
      return std::unexpected(Stop{kDone, fmt::format("{}\n", version.what())});
    } catch (const CLI::ParseError& error) {
      return std::unexpected(
          Stop{kMisused, fmt::format("izpochat: {} (see `izpochat --help`)\n", error.what())});
    }
    return std::move(result_);
  }

 private:
  struct SettingOption {
    const char* option;
    const char* setting;
    const char* help;
  };
  static constexpr SettingOption kHost{"--host", "HOST", "Address to listen on"};
  static constexpr SettingOption kPort{"--port", "PORT", "TCP port"};
  static constexpr SettingOption kDataDir{"--data-dir", "DATA_DIR",
                                          "Directory of the database and the secret key"};

  // Help is asked of the deepest subcommand that was named.
  std::string help() const {
    const CLI::App* asked = &program_;
    std::string path;
    for (auto named = asked->get_subcommands(); !named.empty(); named = asked->get_subcommands()) {
      path += (path.empty() ? "" : " ") + asked->get_name();
      asked = named.front();
    }
    return asked->help(path);
  }

  void add_setting(CLI::App* to, const SettingOption& option) {
    to->add_option_function<std::string>(
          option.option,
          [this, option](const std::string& value) { result_.settings[option.setting] = value; },
          fmt::format("{} ({})", option.help, option.setting))
        ->type_name("VALUE");
  }

  template <class Chosen>
  CLI::App* add_plain(const char* name, const char* help, std::initializer_list<SettingOption> options) {
    CLI::App* added = program_.add_subcommand(name, help);
    for (const SettingOption& option : options) add_setting(added, option);
    added->callback([this] { result_.command = Chosen{}; });
    return added;
  }

  void add_migrate() {
    auto* migrate = add_plain<MigrateCommand>(
        "migrate",
        "Bring the database up to date (serve does it by itself), or take over that of the FastAPI version",
        {kDataDir});
    migrate->alias("init-db");
    migrate->add_option("--owner", migrate_.owner, "Taking over: who gets the rooms that have no owner")
        ->type_name("USERNAME");
    migrate->add_flag("--dry-run", migrate_.dry_run,
                      "Taking over: rehearse it, print the report, change nothing");
    migrate->callback([this] { result_.command = migrate_; });
  }

  template <class Chosen>
  void add_with_file(const char* name, const char* help, const char* file_help) {
    CLI::App* added = program_.add_subcommand(name, help);
    added->add_option("FILE", file_, file_help)->required();
    add_setting(added, kDataDir);
    added->callback([this] { result_.command = Chosen{file_}; });
  }

  void add_copy() {
    auto* copy = add_plain<CopyCommand>(
        "copy", "Move everything from SQLite into an empty PostgreSQL database, while no server runs",
        {kDataDir});
    copy->add_option(
            "--from", copy_.from,
            "sqlite:///FILE; without it, the database of the settings, or that in the data directory")
        ->type_name("URL");
    copy->add_option("--to", copy_.to,
                     "postgresql://USER:PASSWORD@HOST:5432/DATABASE; without it, DATABASE_URL")
        ->type_name("URL");
    copy->add_option("--to-data-dir", copy_.to_data_dir,
                     "Another data directory, into which files and key are copied")
        ->type_name("DIRECTORY");
    copy->callback([this] { result_.command = copy_; });
  }

  void add_settings() {
    CLI::App* settings = program_.add_subcommand(
        "settings", "Print every setting, with what it expects, its default and its meaning");
    settings->add_option("--format", format_, "text, markdown or dotenv")
        ->check(CLI::IsMember({"text", "markdown", "dotenv"}));
    settings->callback([this] {
      const Format format = format_ == "markdown" ? Format::kMarkdown
                            : format_ == "dotenv" ? Format::kDotenv
                                                  : Format::kText;
      result_.command = SettingsCommand{format};
    });
  }

  void add_user() {
    CLI::App* user = program_.add_subcommand("user", "Manage accounts, also while the server runs");
    user->require_subcommand(1);
    CLI::App* create = add_user_action(user, "create", "Make an account", Action::kCreate);
    create->add_option("--email", user_.email, "E-mail address")->required();
    create->add_option("--full-name", user_.full_name, "Full name");
    add_password(create);
    add_password(add_user_action(user, "set-password", "Give an account another password and end its logins",
                                 Action::kSetPassword));
    add_user_action(user, "deactivate", "Lock an account and end its logins", Action::kDeactivate);
    add_user_action(user, "activate", "Unlock an account", Action::kActivate);
    add_user_action(user, "list", "List the accounts", Action::kList);
  }

  CLI::App* add_user_action(CLI::App* user, const char* name, const char* help, Action action) {
    CLI::App* added = user->add_subcommand(name, help);
    if (action != Action::kList) added->add_option("username", user_.username, "Whose account")->required();
    add_setting(added, kDataDir);
    added->callback([this, action] {
      user_.action = action;
      user_.password_from = from_stdin_ ? PasswordFrom::kStdin
                            : made_     ? PasswordFrom::kMade
                                        : PasswordFrom::kPrompt;
      result_.command = user_;
    });
    return added;
  }

  void add_password(CLI::App* to) {
    auto* from_stdin = to->add_flag("--password-stdin", from_stdin_, "Read the password from standard input");
    to->add_flag("--make-password", made_, "Make a password and print it once")->excludes(from_stdin);
  }

  CLI::App program_{kAbout, "izpochat"};
  std::string format_;
  MigrateCommand migrate_;
  CopyCommand copy_;
  std::string file_;
  UserCommand user_;
  bool from_stdin_ = false;
  bool made_ = false;
  CommandLine result_;
};

}  // namespace

std::expected<CommandLine, Stop> parse_command_line(std::span<const char* const> arguments) {
  return Parser().parse(arguments);
}

}  // namespace izpo::app
