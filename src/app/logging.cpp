#include "app/logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "app/log_format.hpp"

namespace izpo::app {

void set_up_log(const Settings& settings) {
  using Form = LogFormat::Form;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(std::make_unique<LogFormat>(settings.log_format == "json" ? Form::kJson : Form::kText));
  auto logger = std::make_shared<spdlog::logger>("izpochat", std::move(sink));
  logger->set_level(spdlog::level::from_str(settings.log_level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace izpo::app
