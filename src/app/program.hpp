#pragma once

#include <span>

#include "api/web_client.hpp"

namespace izpo::app {

// The whole program: reads the command line and the settings, does what they say, and returns the exit status
// (see app/command_line). Prints what went wrong as one line on standard error. `web_client` is what browsers
// get.
int run_program(std::span<const char* const> arguments, api::WebClient web_client);

}  // namespace izpo::app
