#pragma once

#include "app/settings.hpp"

namespace izpo::app {

// Makes spdlog's default logger write one line a record to standard error, as the settings want it. Once,
// before any other thread is made.
void set_up_log(const Settings& settings);

}  // namespace izpo::app
