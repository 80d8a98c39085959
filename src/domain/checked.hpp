#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"
#include "domain/reasons.hpp"

namespace izpo {

// A field's value as it will be stored, or the rule it breaks. The error's `loc` is empty: the rule does not
// know what the field is called on the wire; FieldChecks adds that.
template <class T = void>
using Checked = std::expected<T, FieldError>;

// The arguments that a "value_error" carries, each with its own sentence in api/texts.
namespace rule {
inline constexpr std::string_view kUsernameCharacters = "username_characters";
inline constexpr std::string_view kEmail = "email";
inline constexpr std::string_view kText = "text";                        // not UTF-8, or has a NUL
inline constexpr std::string_view kSingleLineText = "single_line_text";  // has a control or bidi character
}  // namespace rule

inline std::unexpected<FieldError> broken(std::string_view rule_argument) {
  return std::unexpected(FieldError{{}, "value_error", std::string(rule_argument)});
}
inline std::unexpected<FieldError> too_short(std::size_t least) {
  return std::unexpected(FieldError{{}, "string_too_short", std::to_string(least)});
}
inline std::unexpected<FieldError> too_long(std::size_t most) {
  return std::unexpected(FieldError{{}, "string_too_long", std::to_string(most)});
}

// Gathers what is wrong with the fields of one request body, so that a client hears of everything at once.
class FieldChecks {
 public:
  // The value, or an empty one when a rule is broken: outcome() then fails, and the value is not to be used.
  template <class T>
  T take(std::string_view field, Checked<T> value) {
    if (value) return *std::move(value);
    add(field, std::move(value).error());
    return T{};
  }
  void take(std::string_view field, Checked<> value) {
    if (!value) add(field, std::move(value).error());
  }

  // Fails with kValidation and every field that was wrong, in the order of the checks.
  Result<void> outcome() && {
    if (broken_.empty()) return {};
    Error error(reason::kValidation);
    error.fields = std::move(broken_);
    return fail(std::move(error));
  }

 private:
  void add(std::string_view field, FieldError error) {
    error.loc = {"body", std::string(field)};
    broken_.push_back(std::move(error));
  }

  std::vector<FieldError> broken_;
};

}  // namespace izpo
