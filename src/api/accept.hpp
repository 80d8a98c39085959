#pragma once

#include <string_view>

namespace izpo::api {

// Calls `visit(value, quality)` for each element of a list with weights ("text/html;q=0.8, */*", RFC 9110
// §12.4.2) in order. `value` has no parameters and no white space around it; quality is 0 to 1000.
// A weight that cannot be read counts as 0.
template <class Visitor>
void for_each_weighted(std::string_view list, Visitor visit);

int quality_of(std::string_view parameters);

// How much a client that sent this Accept or Accept-Encoding value wants `value` (named exactly): 0 to 1000,
// or 0 when it is not named.
int quality_in(std::string_view list, std::string_view value);

inline std::string_view without_space_around(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <class Visitor>
void for_each_weighted(std::string_view list, Visitor visit) {
  while (!list.empty()) {
    const auto end = list.find(',');
    const auto element = list.substr(0, end);
    const auto semicolon = element.find(';');
    const auto value = without_space_around(element.substr(0, semicolon));
    if (!value.empty()) {
      visit(value, semicolon == std::string_view::npos ? 1000 : quality_of(element.substr(semicolon + 1)));
    }
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

}  // namespace izpo::api
