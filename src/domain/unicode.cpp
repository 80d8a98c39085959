#include "domain/unicode.hpp"

#include <unicode/normalizer2.h>

#include <stdexcept>

namespace izpo::unicode {
namespace {

using Instance = const icu::Normalizer2* (*)(UErrorCode&);

icu::UnicodeString normalized(Instance instance, const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = instance(status);  // a singleton of ICU's
  require(status, "Normalizer2 instance");
  icu::UnicodeString out = form->normalize(text, status);
  require(status, "Normalizer2::normalize");
  return out;
}

}  // namespace

void require(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + what + ": " + u_errorName(status));
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString nfc(const icu::UnicodeString& text) {
  return normalized(&icu::Normalizer2::getNFCInstance, text);
}

icu::UnicodeString nfkc(const icu::UnicodeString& text) {
  return normalized(&icu::Normalizer2::getNFKCInstance, text);
}

icu::UnicodeString nfkc_casefold(const icu::UnicodeString& text) {
  return normalized(&icu::Normalizer2::getNFKCCasefoldInstance, text);
}

}  // namespace izpo::unicode
