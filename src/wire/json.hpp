#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// JSON as text (RFC 8259), appended to what is there: no tree in between.
namespace izpo::wire {

// A string with its quotes. `text` is UTF-8.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, std::int64_t number);

}  // namespace izpo::wire
