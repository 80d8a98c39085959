#include "app/program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>
#include <variant>

#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/health_check.hpp"
#include "app/process.hpp"
#include "app/settings.hpp"
#include "app/settings_page.hpp"

namespace izpo::app {
namespace {

std::string settings_page(SettingsCommand::Format format) {
  switch (format) {
    case SettingsCommand::Format::kText: return settings_as_text();
    case SettingsCommand::Format::kMarkdown: return settings_as_markdown();
    case SettingsCommand::Format::kDotenv: return settings_as_dotenv();
  }
  return {};
}

int misused(std::string_view line) {
  report_failure(line);
  return kMisused;
}

struct WithSettings {
  const LoadedSettings& loaded;
  api::WebClient web_client;

  int operator()(const ServeCommand&) const { return serve(loaded, web_client); }
  int operator()(const MigrateCommand& command) const { return migrate(command, loaded.settings); }
  int operator()(const BackupCommand& command) const { return backup(command, loaded.settings); }
  int operator()(const RestoreCommand& command) const { return restore(command, loaded.settings); }
  int operator()(const CopyCommand& command) const { return copy(command, loaded.settings); }
  int operator()(const NewEpochCommand&) const { return new_epoch(loaded.settings); }
  int operator()(const UserCommand& command) const { return manage_users(command, loaded.settings); }
  int operator()(const HealthCommand&) const {
    const auto well = check_health(loaded.settings.host, loaded.settings.port);
    return well ? kDone : report_failure(well.error());
  }
  int operator()(const OpenapiCommand&) const {
    fmt::print("{}", api::openapi_document(api::make_routes()));
    return kDone;
  }
  int operator()(const SettingsCommand& command) const {
    fmt::print("{}", settings_page(command.format));
    return kDone;
  }
};

bool needs_settings(const Command& command) {
  return !std::holds_alternative<SettingsCommand>(command) &&
         !std::holds_alternative<OpenapiCommand>(command);
}

}  // namespace

int run_program(std::span<const char* const> arguments, api::WebClient web_client) {
  auto line = parse_command_line(arguments);
  if (!line) {
    fmt::print(line.error().status == kDone ? stdout : stderr, "{}", line.error().text);
    return line.error().status;
  }
  keep_files_private();
  LoadedSettings loaded;
  if (needs_settings(line->command)) {
    auto sources = process_sources();
    if (!sources) return misused(sources.error());
    sources->command_line = std::move(line->settings);
    auto read = load_settings(*sources);
    if (!read) return misused(read.error());
    loaded = *std::move(read);
  }
  return std::visit(WithSettings{loaded, web_client}, line->command);
}

}  // namespace izpo::app
