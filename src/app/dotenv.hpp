#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reads a .env file as python-dotenv 1.2 does, so that a file written for it means the same here.
namespace izpo::app {

struct Dotenv {
  // In the order of the file, `${NAME}` expanded. A name that stands twice is there twice: the last one
  // counts. A name without "=" is left out, and takes an earlier value of it away.
  std::vector<std::pair<std::string, std::string>> values;

  // The numbers (from 1) of lines that start a statement nobody can read; the statement is skipped.
  std::vector<int> unreadable_lines;

  std::optional<std::string_view> find(std::string_view name) const;
};

// What the environment holds under a name, or nothing.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

// `text` is UTF-8, with any kind of line ends. `${NAME}` and `${NAME:-default}` are replaced in every value,
// single quotes included, from `environment` first and the lines above second.
Dotenv parse_dotenv(std::string_view text, const EnvironmentLookup& environment);

}  // namespace izpo::app
