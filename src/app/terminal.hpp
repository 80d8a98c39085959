#pragma once

#include <optional>
#include <string>

#include "api/language.hpp"

namespace izpo::app {

// Of the person at the terminal, by LC_ALL, LC_MESSAGES or LANG: Spanish when none is set or it names
// Spanish, else English.
api::Language terminal_language();

bool stdin_is_terminal();

// The first line of standard input, without its end; nothing when there is none.
std::optional<std::string> read_line();

// Asks on the terminal and reads what is typed without showing it. Nothing when standard input ended.
std::optional<std::string> ask_unseen(const std::string& question);

}  // namespace izpo::app
