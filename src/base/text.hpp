#pragma once

#include <span>
#include <string>
#include <string_view>

namespace izpo {

// ASCII letters without case, as field names and tokens compare (RFC 9110 §5.1, §11.1).
bool equal_without_case(std::string_view left, std::string_view right);

// ISO-8859-1 as UTF-8.
std::string latin1_to_utf8(std::string_view text);

// Two lower case hexadecimal digits a byte.
std::string to_hex(std::span<const unsigned char> bytes);

// All but the unreserved characters as %XX (RFC 3986 §2.3).
std::string percent_encoded(std::string_view text);

}  // namespace izpo
