#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace izpo::wire {

// A field value with parameters: `form-data; name="a"; filename*=UTF-8''b` (RFC 9110 §5.6.6).
struct HeaderValue {
  std::string value;
  std::vector<std::pair<std::string, std::string>> parameters;  // decoded

  // The first of that name, which is compared without case.
  std::optional<std::string> find(std::string_view name) const;
};

// Quoted strings are read as browsers and other clients write them: a backslash escapes only a quote or
// itself, so that C:\a keeps its name, and %22 is a quote (WHATWG HTML, "multipart/form-data"). A parameter
// whose name ends in * is an RFC 8187 (RFC 5987) value in UTF-8 or ISO-8859-1; one in another charset is left
// out. nullopt: it cannot be read.
std::optional<HeaderValue> parse_header_value(std::string_view text);

}  // namespace izpo::wire
