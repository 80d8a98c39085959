#pragma once

#include <string>

#include "api/web_client.hpp"
#include "app/command_line.hpp"
#include "app/settings.hpp"

// One function a command. Each returns the program's exit status, after it has printed one line about what
// failed.
namespace izpo::app {

// What went wrong, as one line on standard error; returns kFailed.
int report_failure(std::string_view what);

// The line for a command that finds no database where there should be one.
std::string no_database(const Settings& settings);

int serve(const LoadedSettings& loaded, api::WebClient web_client);
int migrate(const MigrateCommand& command, const Settings& settings);
int backup(const BackupCommand& command, const Settings& settings);
int restore(const RestoreCommand& command, const Settings& settings);
int copy(const CopyCommand& command, const Settings& settings);
int new_epoch(const Settings& settings);
int manage_users(const UserCommand& command, const Settings& settings);

}  // namespace izpo::app
