#pragma once

#include <unicode/unistr.h>
#include <unicode/utypes.h>

#include <string>
#include <string_view>

// The little of ICU that the rules share. ICU fails here only for want of memory or of its own data, which is
// a broken installation: std::runtime_error.
namespace izpo::unicode {

void require(UErrorCode status, const char* what);

icu::UnicodeString from_utf8(std::string_view text);  // U+FFFD for what is not UTF-8
std::string to_utf8(const icu::UnicodeString& text);

icu::UnicodeString nfc(const icu::UnicodeString& text);
icu::UnicodeString nfkc(const icu::UnicodeString& text);
icu::UnicodeString nfkc_casefold(const icu::UnicodeString& text);  // the mapping NFKC_CF of UAX #44

}  // namespace izpo::unicode
