#include "domain/username.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <memory>
#include <stdexcept>

#include "domain/text.hpp"
#include "domain/unicode.hpp"

namespace izpo {
namespace {

// UTS #39 §5.4: more nonspacing marks than this in a row are no orthography.
constexpr int kMaxMarksInARow = 4;

enum class Part : std::uint8_t { kLetterOrDigit, kMark, kPunctuation, kRefused };

Part part_of(UChar32 c) {
  if (c == '_' || c == '.' || c == '-') return Part::kPunctuation;
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0) return Part::kRefused;
  switch (u_charType(c)) {
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_MODIFIER_LETTER:
    case U_OTHER_LETTER:
    case U_DECIMAL_DIGIT_NUMBER: return Part::kLetterOrDigit;
    case U_NON_SPACING_MARK:
    case U_COMBINING_SPACING_MARK: return Part::kMark;
    default: return Part::kRefused;
  }
}

bool has_right_characters(const icu::UnicodeString& name) {
  bool has_letter_or_digit = false;
  int marks = 0;
  Part previous = Part::kPunctuation;
  for (int32_t at = 0; at < name.length(); at = name.moveIndex32(at, 1)) {
    const Part part = part_of(name.char32At(at));
    if (part == Part::kRefused) return false;
    if (part == Part::kMark) {
      if (previous == Part::kPunctuation || ++marks > kMaxMarksInARow) return false;
    } else {
      marks = 0;
    }
    has_letter_or_digit |= part == Part::kLetterOrDigit;
    previous = part;
  }
  return has_letter_or_digit;
}

// Costly to open, read-only afterwards: one for the process (ICU allows const use from any thread).
const USpoofChecker* spoof_checker() {
  static const std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> checker = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> opened(uspoof_open(&status), &uspoof_close);
    unicode::require(status, "uspoof_open");
    return opened;
  }();
  return checker.get();
}

UsernameKeys keys_of(const icu::UnicodeString& nfkc) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString skeleton;
  uspoof_getSkeletonUnicodeString(spoof_checker(), 0, nfkc, skeleton, &status);
  unicode::require(status, "uspoof_getSkeleton");
  return {unicode::to_utf8(unicode::nfkc_casefold(nfkc)), unicode::to_utf8(unicode::nfkc_casefold(skeleton))};
}

}  // namespace

Checked<Username> check_username(std::string_view name) {
  if (!is_storable_text(name)) return broken(rule::kUsernameCharacters);
  const icu::UnicodeString nfkc = unicode::nfkc(unicode::from_utf8(name));
  const auto length = static_cast<std::size_t>(nfkc.countChar32());
  if (length < kMinUsername) return too_short(kMinUsername);
  if (length > kMaxUsername) return too_long(kMaxUsername);
  if (!has_right_characters(nfkc)) return broken(rule::kUsernameCharacters);
  return Username{unicode::to_utf8(nfkc), keys_of(nfkc)};
}

std::string fold_username(std::string_view name) {
  return unicode::to_utf8(unicode::nfkc_casefold(unicode::from_utf8(name)));
}

std::string exact_key(std::string_view text) {
  return "@" + std::string(text);
}

UsernameKeys username_keys(std::string_view name) {
  return keys_of(unicode::nfkc(unicode::from_utf8(name)));
}

}  // namespace izpo
