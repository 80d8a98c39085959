#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The request target (RFC 9112 §3.2), read as leniently as old clients need: what is not a valid escape stays
// as it is.
namespace izpo::api {

// Views into the target they were cut from.
struct Target {
  std::string_view path;   // still percent-encoded; of an absolute-form target, what follows the authority
  std::string_view query;  // without the '?'
};

Target split_target(std::string_view target);

// "%C3%A9" → "é"; with `plus_is_space`, as in a query, "+" → " ".
std::string percent_decoded(std::string_view text, bool plus_is_space = false);

// The parameters of a query, decoded. Of a repeated name the last one counts, as in Starlette.
class Query {
 public:
  Query() = default;
  explicit Query(std::string_view query);

  std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

// The target as a log may show it: the value of `token` (and of its escaped spellings) and the signature of a
// link to a file are replaced, control characters too.
std::string redacted_target(std::string_view target);

}  // namespace izpo::api
