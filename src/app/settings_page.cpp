#include "app/settings_page.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "app/settings.hpp"

namespace izpo::app {
namespace {

constexpr std::size_t kColumns = 100;

// `text` in lines of at most kColumns, each after `indent`.
std::string wrapped(std::string_view text, std::string_view indent) {
  std::string out(indent);
  std::size_t column = indent.size();
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = text.substr(start, end - start);
    if (start > 0 && column + 1 + word.size() > kColumns) {
      out += '\n';
      out += indent;
      column = indent.size();
    } else if (start > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    start = end + 1;
  }
  return out + '\n';
}

// Calls `on_group` before the first setting of each group.
template <class OnGroup, class OnSetting>
void each_setting(OnGroup on_group, OnSetting on_setting) {
  std::string_view group;
  for (const Setting& setting : setting_definitions()) {
    if (setting.group != group) on_group(group = setting.group);
    on_setting(setting);
  }
}

}  // namespace

std::string settings_as_text() {
  std::string out;
  each_setting([&](std::string_view group) { out += fmt::format("{}{}\n", out.empty() ? "" : "\n", group); },
               [&](const Setting& setting) {
                 out += fmt::format("  {}\n", setting.name);
                 out += wrapped(setting.sentence, "      ");
                 out += fmt::format("      Expected: {}. Default: {}.\n", setting.expected,
                                    setting.initial.empty() ? "unset" : setting.initial);
               });
  return out;
}

std::string settings_as_markdown() {
  std::string out =
      "# Settings\n\n"
      "<!-- Made by `izpochat settings --format markdown` from src/app/settings.cpp: change it there. -->\n\n"
      "A setting comes from the command line (`--host`, `--port`, `--data-dir`), else from the environment, "
      "else from\n"
      "the file `.env` in the working directory (in python-dotenv's syntax), else it has its default. An "
      "empty value\n"
      "counts as none. A wrong value stops the start with one line that names it, and exit status 2.\n";
  each_setting(
      [&](std::string_view group) {
        out += fmt::format("\n## {}\n\n| Setting | Expected | Default | What it does |\n|---|---|---|---|\n",
                           group);
      },
      [&](const Setting& setting) {
        out += fmt::format("| `{}` | {} | {} | {} |\n", setting.name, setting.expected,
                           setting.initial.empty() ? "unset" : fmt::format("`{}`", setting.initial),
                           setting.sentence);
      });
  return out;
}

std::string settings_as_dotenv() {
  std::string out =
      "# Copy this file to .env and take the mark away from what you want to change. The environment wins "
      "over it.\n"
      "# Made by `izpochat settings --format dotenv`.\n";
  each_setting([&](std::string_view group) { out += fmt::format("\n# --- {} ---\n", group); },
               [&](const Setting& setting) {
                 out += '\n' + wrapped(setting.sentence, "# ");
                 out += wrapped(fmt::format("Expected: {}.", setting.expected), "# ");
                 out += fmt::format("#{}={}\n", setting.name, setting.initial);
               });
  return out;
}

}  // namespace izpo::app
