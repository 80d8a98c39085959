#include "app/log_format.hpp"

#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

#include <boost/json/parse.hpp>
#include <string>

#include "base/time.hpp"

namespace izpo::app {
namespace {

using Form = LogFormat::Form;

std::string formatted(Form form, std::string_view message) {
  const spdlog::details::log_msg record(from_micros(1'758'651'943'511'000), {}, "", spdlog::level::warn,
                                        spdlog::string_view_t(message.data(), message.size()));
  spdlog::memory_buf_t line;
  LogFormat(form).format(record, line);
  return {line.data(), line.size()};
}

TEST(LogFormat, TextIsOneLine) {
  EXPECT_EQ(formatted(Form::kText, "ñ \"a\\b\""), "2025-09-23T18:25:43.511000Z warning ñ \"a\\b\"\n");
  EXPECT_EQ(formatted(Form::kText, "a\nb\x1b[31m"), "2025-09-23T18:25:43.511000Z warning a\\nb\\u001b[31m\n");
}

TEST(LogFormat, JsonIsAnObjectALine) {
  const std::string line = formatted(Form::kJson, "ñ \"a\\b\"\n\r\x7f");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto parsed = boost::json::parse(line).as_object();
  EXPECT_EQ(parsed.at("time"), "2025-09-23T18:25:43.511000Z");
  EXPECT_EQ(parsed.at("level"), "warning");
  EXPECT_EQ(parsed.at("message"), "ñ \"a\\b\"\n\r\x7f");
}

}  // namespace
}  // namespace izpo::app
