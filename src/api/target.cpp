#include "api/target.hpp"

#include <algorithm>
#include <ranges>

#include "api/http_types.hpp"

namespace izpo::api {

namespace {

constexpr int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Calls `visit(name, value, has_value)`, all still encoded, for each parameter in order.
template <class Visitor>
void for_each_parameter(std::string_view query, Visitor visit) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    const bool has_value = equals != std::string_view::npos;
    visit(pair.substr(0, equals), has_value ? pair.substr(equals + 1) : std::string_view{}, has_value);
    if (end == std::string_view::npos) return;
    query.remove_prefix(end + 1);
  }
}

void append_printable(std::string& out, std::string_view text) {
  std::ranges::transform(text, std::back_inserter(out), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f ? '?' : letter;
  });
}

}  // namespace

Target split_target(std::string_view target) {
  if (!target.starts_with('/')) {
    // absolute-form (RFC 9112 §3.2.2): the scheme and the authority say nothing new here
    const auto authority = target.find("://");
    if (authority != std::string_view::npos) {
      const auto path = target.find_first_of("/?#", authority + 3);
      target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
  }
  target = target.substr(0, target.find('#'));
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {.path = target, .query = {}};
  return {.path = target.substr(0, mark), .query = target.substr(mark + 1)};
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      const int high = hex_value(text[at + 1]);
      const int low = hex_value(text[at + 2]);
      if (high >= 0 && low >= 0) {
        decoded.push_back(static_cast<char>(high * 16 + low));
        at += 2;
        continue;
      }
    }
    decoded.push_back(plus_is_space && text[at] == '+' ? ' ' : text[at]);
  }
  return decoded;
}

Query::Query(std::string_view query) {
  for_each_parameter(query, [this](std::string_view name, std::string_view value, bool) {
    parameters_.emplace_back(percent_decoded(name, true), percent_decoded(value, true));
  });
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  for (const auto& [candidate, value] : std::views::reverse(parameters_)) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

namespace {

// The path, but for what makes a link to a file good: /files/<id>/***/<name>.
void append_path(std::string& shown, std::string_view path) {
  bool of_file = false;
  for (int place = 0; !path.empty(); ++place) {
    const auto end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (place == 0) of_file = percent_decoded(segment) == "/files";
    append_printable(shown, of_file && place == 2 ? std::string_view("/***") : segment);
  }
}

}  // namespace

std::string redacted_target(std::string_view target) {
  const auto mark = target.find('?');
  std::string shown;
  append_path(shown, target.substr(0, mark));
  if (mark == std::string_view::npos) return shown;
  char separator = '?';
  for_each_parameter(target.substr(mark + 1),
                     [&](std::string_view name, std::string_view value, bool has_value) {
                       shown += std::exchange(separator, '&');
                       append_printable(shown, name);
                       if (!has_value) return;
                       shown += '=';
                       const bool secret = equal_without_case(percent_decoded(name, true), "token");
                       append_printable(shown, secret ? std::string_view("***") : value);
                     });
  return shown;
}

}  // namespace izpo::api
