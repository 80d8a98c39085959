#include "wire/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace izpo::wire {
namespace {

// RFC 8259 §7: the quotation mark, the reverse solidus and the control characters.
constexpr bool must_be_escaped(char letter) {
  return static_cast<unsigned char>(letter) < 0x20 || letter == '"' || letter == '\\';
}

// How many characters at the front may stand as they are.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::size_t kBlock = 32;
  std::size_t plain = 0;
  // A whole block is looked at before it is judged, so that the compiler makes vector instructions of it.
  for (; text.size() - plain >= kBlock; plain += kBlock) {
    bool found = false;
    for (std::size_t i = 0; i < kBlock; ++i) found |= must_be_escaped(text[plain + i]);
    if (found) break;
  }
  const auto rest = text.substr(plain);
  return plain + static_cast<std::size_t>(std::ranges::find_if(rest, must_be_escaped) - rest.begin());
}

void append_escaped(std::string& out, char letter) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (letter) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto code = static_cast<unsigned char>(letter);
  out += "\\u00";
  out += kDigits[code >> 4];
  out += kDigits[code & 0xf];
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    if (plain == text.size()) break;
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void append_json(std::string& out, std::int64_t number) {
  std::array<char, 20> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_json(std::string& out, Timestamp time) {
  out += '"';
  append_iso8601(out, time);
  out += '"';
}

}  // namespace izpo::wire
