#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"

// JSON as text (RFC 8259), appended to what is there: no tree in between.
namespace izpo::wire {

// A string with its quotes. `text` is UTF-8.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, std::int64_t number);
void append_json(std::string& out, Timestamp time);  // iso8601

}  // namespace izpo::wire
