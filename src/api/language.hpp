#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace izpo::api {

enum class Language : std::uint8_t { kSpanish, kEnglish };

// The better of the two for an Accept-Language value (RFC 9110 §12.5.4, q-values included). In a draw the one
// named first; Spanish when there is no value and when it names neither.
Language choose_language(std::optional<std::string_view> accept_language);

// "es" or "en", for Content-Language and <html lang>.
std::string_view language_tag(Language language);

}  // namespace izpo::api
