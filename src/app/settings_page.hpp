#pragma once

#include <string>

// What is written about the settings, made from their one table.
namespace izpo::app {

std::string settings_as_text();      // `izpochat settings`
std::string settings_as_markdown();  // docs/settings.md
std::string settings_as_dotenv();    // .env.example: every setting at its default, commented out

}  // namespace izpo::app
