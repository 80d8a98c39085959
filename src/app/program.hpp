#pragma once

#include <span>

namespace izpo::app {

// The whole program: reads the command line and the settings, does what they say, and returns the exit status
// (see app/command_line). Prints what went wrong as one line on standard error.
int run_program(std::span<const char* const> arguments);

}  // namespace izpo::app
