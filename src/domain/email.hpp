#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "domain/checked.hpp"

namespace izpo {

inline constexpr std::size_t kMaxEmail = 254;      // octets, RFC 5321 §4.5.3.1.3 less the angle brackets
inline constexpr std::size_t kMaxEmailLocal = 64;  // octets, RFC 5321 §4.5.3.1.1

struct Email {
  std::string text;  // trimmed; the local part in NFC, the domain lower case and in its own script
  std::string key;   // equal for addresses that reach one mailbox: casefolded, the domain in ASCII
};

// An address that mail can be sent to: a dot-atom (RFC 5322 §3.2.3, with RFC 6531's letters of any script),
// one '@', and a host name of two labels or more that IDNA accepts (UTS #46). Quoted local parts, comments
// and address literals are refused. Breaks value_error with rule::kEmail.
Checked<Email> check_email(std::string_view address);

// The key by which an address is looked up. Takes any bytes: what is no possible address gives a key that no
// account has, or, for an address from before these rules, its casefolded form.
std::string email_key(std::string_view address);

}  // namespace izpo
