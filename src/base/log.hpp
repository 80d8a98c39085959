#pragma once

#include <spdlog/spdlog.h>

// The log is spdlog's default logger, set up by app/. Passwords, tokens and signed links never go into it.
