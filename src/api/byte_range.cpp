#include "api/byte_range.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace izpo::api {

namespace {

// Digits only; what is too large for 64 bits is past the end of every file.
std::optional<std::int64_t> position(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text.front() == '-' || end != text.data() + text.size()) return std::nullopt;
  return error == std::errc::result_out_of_range ? INT64_MAX : value;
}

}  // namespace

std::expected<std::optional<ByteRange>, Unsatisfiable> byte_range(std::string_view field, std::int64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!equal_without_case(field.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  const std::string_view range = field.substr(kUnit.size());
  const auto dash = range.find('-');
  if (dash == std::string_view::npos || range.contains(',')) return std::nullopt;
  const std::string_view left = range.substr(0, dash);
  const std::string_view right = range.substr(dash + 1);

  if (left.empty()) {  // the last bytes
    const auto count = position(right);
    if (!count) return std::nullopt;
    if (*count == 0 || size == 0) return std::unexpected(Unsatisfiable{});
    const std::int64_t length = std::min(*count, size);
    return ByteRange{.first = size - length, .length = length};
  }
  const auto first = position(left);
  const auto last = right.empty() ? std::optional(size - 1) : position(right);
  if (!first || !last || (!right.empty() && *last < *first)) return std::nullopt;
  if (*first >= size) return std::unexpected(Unsatisfiable{});
  return ByteRange{.first = *first, .length = std::min(*last, size - 1) - *first + 1};
}

}  // namespace izpo::api
