#include "base/text.hpp"

#include <algorithm>

namespace izpo {

namespace {

constexpr char lowered(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

bool equal_without_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lowered, lowered);
}

std::string latin1_to_utf8(std::string_view text) {
  std::string utf8;
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    if (c < 0x80) {
      utf8 += byte;
    } else {
      utf8 += static_cast<char>(0xC0U | (c >> 6U));
      utf8 += static_cast<char>(0x80U | (c & 0x3FU));
    }
  }
  return utf8;
}

std::string to_hex(std::span<const unsigned char> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0x0FU];
  }
  return hex;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char byte : text) {
    const bool unreserved = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                            (byte >= '0' && byte <= '9') || std::string_view("-._~").contains(byte);
    if (unreserved) {
      encoded += byte;
    } else {
      const auto c = static_cast<unsigned char>(byte);
      (encoded += '%') += kDigits[c >> 4U];
      encoded += kDigits[c & 0x0FU];
    }
  }
  return encoded;
}

}  // namespace izpo
