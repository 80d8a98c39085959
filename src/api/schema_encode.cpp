#include "api/schema_encode.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>

namespace izpo::api::schema {

void encode(std::string_view text, std::string& out) {
  const bool plain = std::ranges::none_of(text, [](char letter) {
    return letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
  });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += boost::json::serialize(text);
  }
}

void encode(std::int64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

}  // namespace izpo::api::schema
