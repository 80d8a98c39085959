#pragma once

#include <spdlog/formatter.h>

#include <memory>

namespace izpo::app {

// A record as one line, whatever is in its message: control characters are written as \n, \t or \u001b.
//   text: 2025-09-23T18:25:43.511000Z warning message
//   json: {"time":"2025-09-23T18:25:43.511000Z","level":"warning","message":"message"}
class LogFormat final : public spdlog::formatter {
 public:
  enum class Form : bool { kText, kJson };

  explicit LogFormat(Form form) : form_(form) {}

  void format(const spdlog::details::log_msg& record, spdlog::memory_buf_t& line) override;
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LogFormat>(form_); }

 private:
  Form form_;
};

}  // namespace izpo::app
