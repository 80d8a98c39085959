#include "domain/text.hpp"

#include <simdjson.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/text.hpp"

namespace izpo {
namespace {

// Controls, line and paragraph separators, and the characters that embed, override or isolate a direction
// (UAX #9 §2). The plain marks LRM, RLM and ALM stay: names in right-to-left scripts use them.
bool breaks_the_line(UChar32 c) {
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR: return true;
    default: return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  }
}

bool is_single_line(std::string_view text) {
  const auto length = static_cast<std::int64_t>(text.size());
  for (std::int64_t at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT_UNSAFE(text.data(), at, c);
    if (breaks_the_line(c)) return false;
  }
  return true;
}

enum class Lines : std::uint8_t { kOne, kMany };

Checked<std::string> clean(std::string_view text, std::size_t least, std::size_t most, Lines lines) {
  if (!is_storable_text(text)) return broken(rule::kText);
  const std::string_view trimmed = trim(text);
  const std::size_t length = count_code_points(trimmed);
  if (length < least) return too_short(least);
  if (length > most) return too_long(most);
  if (lines == Lines::kOne && !is_single_line(trimmed)) return broken(rule::kSingleLineText);
  return std::string(trimmed);
}

}  // namespace

bool is_storable_text(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size()) && !text.contains('\0');
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string_view trim(std::string_view text) {
  std::int64_t begin = 0;
  auto end = static_cast<std::int64_t>(text.size());
  while (begin < end) {
    std::int64_t next = begin;
    UChar32 c = 0;
    U8_NEXT_UNSAFE(text.data(), next, c);
    if (u_isUWhiteSpace(c) == 0) break;
    begin = next;
  }
  while (end > begin) {
    std::int64_t previous = end;
    UChar32 c = 0;
    U8_PREV_UNSAFE(text.data(), previous, c);
    if (u_isUWhiteSpace(c) == 0) break;
    end = previous;
  }
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

Result<std::string> clean_message(std::string_view content, bool has_file) {
  if (!is_storable_text(content)) return fail(reason::kInvalidText);
  const std::string_view trimmed = trim(content);
  if (trimmed.empty() && !has_file) return fail(reason::kEmptyMessage);
  if (count_code_points(trimmed) > kMaxMessage) return fail(reason::kMessageTooLong);
  return std::string(trimmed);
}

Result<void> check_client_id(std::string_view client_id) {
  if (client_id.empty() || !is_storable_text(client_id) || count_code_points(client_id) > kMaxClientId) {
    return fail(reason::kInvalidClientId);
  }
  return {};
}

Checked<std::string> clean_room_name(std::string_view name) {
  return clean(name, 1, kMaxRoomName, Lines::kOne);
}

Checked<std::string> clean_full_name(std::string_view name) {
  return clean(name, 0, kMaxFullName, Lines::kOne);
}

Checked<std::string> clean_description(std::string_view description) {
  return clean(description, 0, kMaxDescription, Lines::kMany);
}

std::string clean_file_name(std::string_view name) {
  std::string text =
      simdjson::validate_utf8(name.data(), name.size()) ? std::string(name) : latin1_to_utf8(name);
  if (const auto slash = text.find_last_of("/\\"); slash != std::string::npos) text.erase(0, slash + 1);

  std::vector<std::string_view> points;
  const auto length = static_cast<std::int64_t>(text.size());
  for (std::int64_t at = 0; at < length;) {
    const std::int64_t begin = at;
    UChar32 c = 0;
    U8_NEXT_UNSAFE(text.data(), at, c);
    const auto bytes =
        std::string_view(text).substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    points.push_back(breaks_the_line(c) ? "_" : bytes);
  }
  if (points.size() > kMaxFileName) {
    static constexpr std::size_t kMostExtension = 16;
    const auto dot = std::find(points.rbegin(), points.rend(), ".");
    const auto behind = static_cast<std::size_t>(dot - points.rbegin()) + 1;
    const std::size_t extension = dot != points.rend() && behind <= kMostExtension ? behind : 0;
    const auto keep = static_cast<std::ptrdiff_t>(kMaxFileName - extension);
    points.erase(points.begin() + keep, points.end() - static_cast<std::ptrdiff_t>(extension));
  }
  std::string clean;
  for (const std::string_view point : points) clean += point;
  return std::string(trim(clean));
}

Checked<> check_new_password(std::string_view password) {
  if (!is_storable_text(password)) return broken(rule::kText);
  const std::size_t length = count_code_points(password);
  if (length < kMinPassword) return too_short(kMinPassword);
  if (length > kMaxPassword) return too_long(kMaxPassword);
  return {};
}

}  // namespace izpo
