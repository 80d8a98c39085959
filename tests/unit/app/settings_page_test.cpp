#include "app/settings_page.hpp"

#include <gtest/gtest.h>

#include <string>

namespace izpo::app {
namespace {

TEST(SettingsPage, TextFitsATerminal) {
  const std::string text = settings_as_text();
  EXPECT_NE(text.find("  SECRET_KEY\n"), std::string::npos);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    EXPECT_LE(end - start, 120U) << text.substr(start, end - start);
    start = end + 1;
  }
}

}  // namespace
}  // namespace izpo::app
