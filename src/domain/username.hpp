#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "domain/checked.hpp"

namespace izpo {

inline constexpr std::size_t kMinUsername = 3;
inline constexpr std::size_t kMaxUsername = 50;

// The forms under which a name must be unique.
struct UsernameKeys {
  std::string folded;    // NFKC casefold
  std::string skeleton;  // what it looks like: equal for confusable names

  friend bool operator==(const UsernameKeys&, const UsernameKeys&) = default;
};

struct Username {
  std::string text;  // NFKC
  UsernameKeys keys;
};

// A name for a new account or a rename: 3 to 50 code points after NFKC, letters and decimal digits of any
// script, combining marks on them, `_`, `.` and `-`, with at least one letter or digit. So neither '@' nor
// white space, control, bidi, zero-width or default-ignorable characters. Breaks string_too_short,
// string_too_long, or value_error with rule::kUsernameCharacters.
Checked<Username> check_username(std::string_view name);

// The key by which a name is looked up. Takes any bytes, as a caller may have sent them: what is no possible
// name gives a key that no account has.
std::string fold_username(std::string_view name);

// The key of one among several names, or addresses, that have another key in common, as accounts have that
// are older than these rules: "Ana" beside "ana". The first of them has the common key, each of the others
// this one, which says the name to the letter. No name, no skeleton and no address has such a key by the
// rules. Who looks for somebody looks for this key first.
std::string exact_key(std::string_view text);

// The keys of any name, also of one that was made under other rules. The skeleton is that of UTS #39 §4,
// casefolded, so that a look-alike in capitals is one too; it changes with ICU's confusables data, which
// makes it a hindrance to impostors, not an identity.
UsernameKeys username_keys(std::string_view name);

}  // namespace izpo
