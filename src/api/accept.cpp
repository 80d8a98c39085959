#include "api/accept.hpp"

#include <algorithm>

#include "api/http_types.hpp"

namespace izpo::api {

namespace {

// qvalue of RFC 9110 §12.4.2: "0" or "1" with at most three decimals.
int parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int quality = (text[0] - '0') * 1000;
  if (text.size() == 1) return quality;
  if (text[1] != '.') return 0;
  int weight = 100;
  for (const char digit : text.substr(2)) {
    if (digit < '0' || digit > '9') return 0;
    quality += (digit - '0') * weight;
    weight /= 10;
  }
  return std::min(quality, 1000);
}

}  // namespace

int quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto end = parameters.find(';');
    const auto parameter = without_space_around(parameters.substr(0, end));
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) return parse_quality(parameter.substr(2));
    if (end == std::string_view::npos) break;
    parameters.remove_prefix(end + 1);
  }
  return 1000;
}

int quality_in(std::string_view list, std::string_view value) {
  int best = 0;
  for_each_weighted(list, [&](std::string_view candidate, int quality) {
    if (equal_without_case(candidate, value)) best = std::max(best, quality);
  });
  return best;
}

}  // namespace izpo::api
