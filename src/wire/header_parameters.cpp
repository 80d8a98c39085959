#include "wire/header_parameters.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace izpo::wire {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

// What stands between the quotes, whose first is taken already; takes the last one too.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return value;
    if (c == '\\' && !text.empty() && (text.front() == '"' || text.front() == '\\')) {
      value += text.front();
      text.remove_prefix(1);
    } else if (c == '%' && text.starts_with("22")) {
      value += '"';
      text.remove_prefix(2);
    } else {
      value += c;
    }
  }
  return std::nullopt;
}

// charset'language'percent-encoded (RFC 8187 section 3.2)
std::optional<std::string> extended_value(std::string_view text) {
  const auto first = text.find('\'');
  const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view charset = text.substr(0, first);
  std::string decoded = percent_decoded(text.substr(second + 1));
  if (equal_without_case(charset, "UTF-8")) return decoded;
  if (equal_without_case(charset, "ISO-8859-1")) return latin1_to_utf8(decoded);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> HeaderValue::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      parameters, [name](const auto& parameter) { return equal_without_case(parameter.first, name); });
  return found == parameters.end() ? std::nullopt : std::optional(found->second);
}

std::optional<HeaderValue> parse_header_value(std::string_view text) {
  const auto end = std::min(text.find(';'), text.size());
  HeaderValue parsed{.value = std::string(trimmed(text.substr(0, end))), .parameters = {}};
  if (parsed.value.empty()) return std::nullopt;
  text.remove_prefix(end);
  while (!text.empty()) {
    text.remove_prefix(1);  // the semicolon
    const auto equals = text.find_first_of("=;");
    if (equals == std::string_view::npos || text[equals] == ';') {
      if (!trimmed(text.substr(0, equals)).empty()) return std::nullopt;
      text.remove_prefix(std::min(equals, text.size()));
      continue;
    }
    const std::string name(trimmed(text.substr(0, equals)));
    text.remove_prefix(equals + 1);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    std::optional<std::string> value;
    if (text.starts_with('"')) {
      text.remove_prefix(1);
      value = take_quoted(text);
      if (!value) return std::nullopt;
      const auto next = std::min(text.find(';'), text.size());
      if (!trimmed(text.substr(0, next)).empty()) return std::nullopt;
      text.remove_prefix(next);
    } else {
      const auto next = std::min(text.find(';'), text.size());
      value = trimmed(text.substr(0, next));
      text.remove_prefix(next);
    }
    if (name.ends_with('*')) value = extended_value(*value);
    if (value) parsed.parameters.emplace_back(name, *std::move(value));
  }
  return parsed;
}

}  // namespace izpo::wire
