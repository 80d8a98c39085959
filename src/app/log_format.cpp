#include "app/log_format.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <string_view>

#include "base/time.hpp"

namespace izpo::app {
namespace {

void append_escaped(spdlog::memory_buf_t& line, std::string_view text, bool json) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (json && (character == '"' || character == '\\')) {
      line.push_back('\\');
      line.push_back(character);
    } else if (character == '\n' || character == '\t') {
      line.push_back('\\');
      line.push_back(character == '\n' ? 'n' : 't');
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
    } else {
      line.push_back(character);
    }
  }
}

std::string_view level_name(spdlog::level::level_enum level) {
  const auto name = spdlog::level::to_string_view(level);
  return {name.data(), name.size()};
}

}  // namespace

void LogFormat::format(const spdlog::details::log_msg& record, spdlog::memory_buf_t& line) {
  const std::string time = iso8601(std::chrono::floor<std::chrono::microseconds>(record.time));
  const std::string_view message(record.payload.data(), record.payload.size());
  const bool json = form_ == Form::kJson;
  const auto out = std::back_inserter(line);
  if (json) {
    fmt::format_to(out, R"({{"time":"{}","level":"{}","message":")", time, level_name(record.level));
  } else {
    fmt::format_to(out, "{} {} ", time, level_name(record.level));
  }
  append_escaped(line, message, json);
  const std::string_view end = json ? "\"}\n" : "\n";
  line.append(end.data(), end.data() + end.size());
}

}  // namespace izpo::app
