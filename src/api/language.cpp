#include "api/language.hpp"

#include <algorithm>

#include "api/accept.hpp"
#include "api/http_types.hpp"

namespace izpo::api {

namespace {

// "en" and "en-GB" are English (RFC 4647 §3.3.1, basic filtering).
bool names(std::string_view range, std::string_view tag) {
  return equal_without_case(range.substr(0, range.find('-')), tag);
}

}  // namespace

Language choose_language(std::optional<std::string_view> accept_language) {
  if (!accept_language) return Language::kSpanish;
  int spanish = -1;
  int english = -1;
  int any = -1;
  bool english_named_first = false;
  for_each_weighted(*accept_language, [&](std::string_view range, int quality) {
    if (range == "*") any = std::max(any, quality);
    if (names(range, "es")) spanish = std::max(spanish, quality);
    if (names(range, "en")) {
      english_named_first = english_named_first || spanish < 0;
      english = std::max(english, quality);
    }
  });
  if (spanish < 0) spanish = any;
  if (english < 0) english = any;
  const bool wins = english > spanish || (english == spanish && english_named_first);
  return english > 0 && wins ? Language::kEnglish : Language::kSpanish;
}

std::string_view language_tag(Language language) {
  return language == Language::kSpanish ? "es" : "en";
}

}  // namespace izpo::api
