#include "domain/email.hpp"

#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "domain/text.hpp"
#include "domain/unicode.hpp"

namespace izpo {
namespace {

bool is_atom_character(UChar32 c) {
  if (c < 0x80) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return alphanumeric || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(static_cast<char>(c));
  }
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0) return false;
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_S_MASK)) != 0;
}

bool is_dot_atom(std::string_view local) {
  if (local.empty() || local.starts_with('.') || local.ends_with('.') || local.contains("..")) return false;
  const auto length = static_cast<std::int64_t>(local.size());
  for (std::int64_t at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT_UNSAFE(local.data(), at, c);
    if (c != '.' && !is_atom_character(c)) return false;
  }
  return true;
}

const icu::IDNA& idna() {
  static const std::unique_ptr<const icu::IDNA> instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<const icu::IDNA> made(
        icu::IDNA::createUTS46Instance(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                           UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
                                       status));
    unicode::require(status, "IDNA::createUTS46Instance");
    return made;
  }();
  return *instance;
}

struct Domain {
  std::string ascii;
  std::string unicode;
};

std::optional<Domain> check_domain(std::string_view name) {
  const icu::StringPiece piece(name.data(), static_cast<int32_t>(name.size()));
  Domain domain;
  icu::StringByteSink<std::string> ascii(&domain.ascii);
  icu::StringByteSink<std::string> unicode_form(&domain.unicode);
  icu::IDNAInfo ascii_info;
  icu::IDNAInfo unicode_info;
  UErrorCode status = U_ZERO_ERROR;
  idna().nameToASCII_UTF8(piece, ascii, ascii_info, status);
  idna().nameToUnicodeUTF8(piece, unicode_form, unicode_info, status);
  unicode::require(status, "IDNA::nameToASCII");
  if (ascii_info.hasErrors() || unicode_info.hasErrors()) return std::nullopt;

  const auto last_dot = domain.ascii.rfind('.');
  if (last_dot == std::string::npos || last_dot + 1 == domain.ascii.size()) return std::nullopt;
  const std::string_view top = std::string_view(domain.ascii).substr(last_dot + 1);
  // RFC 3696 §2: a top-level domain is not all digits, so 127.0.0.1 is none.
  if (top.find_first_not_of("0123456789") == std::string_view::npos) return std::nullopt;
  return domain;
}

std::optional<Email> parse(std::string_view address) {
  if (!is_storable_text(address)) return std::nullopt;
  address = trim(address);
  if (address.size() > kMaxEmail) return std::nullopt;
  const auto at = address.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string local = unicode::to_utf8(unicode::nfc(unicode::from_utf8(address.substr(0, at))));
  if (local.size() > kMaxEmailLocal || !is_dot_atom(local)) return std::nullopt;
  const auto domain = check_domain(address.substr(at + 1));
  if (!domain) return std::nullopt;

  Email email;
  email.text = local + '@' + domain->unicode;
  if (email.text.size() > kMaxEmail) return std::nullopt;
  email.key = unicode::to_utf8(unicode::nfkc_casefold(unicode::from_utf8(local))) + '@' + domain->ascii;
  return email;
}

}  // namespace

Checked<Email> check_email(std::string_view address) {
  auto email = parse(address);
  if (!email) return broken(rule::kEmail);
  return *std::move(email);
}

std::string email_key(std::string_view address) {
  if (auto email = parse(address)) return std::move(email->key);
  return unicode::to_utf8(unicode::nfkc_casefold(unicode::from_utf8(address)));
}

}  // namespace izpo
