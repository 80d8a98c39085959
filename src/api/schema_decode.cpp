#include "api/schema_decode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <boost/json/parser.hpp>

#include "api/http_types.hpp"
#include "domain/text.hpp"

namespace izpo::api::schema {

namespace {

Fault fault(std::string_view type, std::string argument = {}) {
  return FieldError{.loc = {}, .type = std::string(type), .argument = std::move(argument)};
}

constexpr bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Fault check_bounds(std::int64_t number, const Rule& rule) {
  if (rule.at_least && number < *rule.at_least) {
    return fault("greater_than_equal", std::to_string(*rule.at_least));
  }
  return std::nullopt;
}

// What pydantic v2 takes for an int: "5", " +5 ", "1_000", "5.0". Beyond 64 bits: the nearest end.
std::optional<std::int64_t> parse_int(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (const auto point = text.find('.'); point != std::string_view::npos) {
    const auto decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.find_first_not_of('0') != std::string_view::npos) return std::nullopt;
    text = text.substr(0, point);
  }
  if (text.empty() || text.front() == '_' || text.back() == '_' || text.contains("__")) return std::nullopt;

  // Downwards, since the lowest number has no positive counterpart.
  constexpr auto kLowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t number = 0;
  bool beyond = false;
  for (const char digit : text) {
    if (digit == '_') continue;
    if (digit < '0' || digit > '9') return std::nullopt;
    const std::int64_t value = digit - '0';
    beyond = beyond || number < (kLowest + value) / 10;
    if (!beyond) number = number * 10 - value;
  }
  if (beyond) number = kLowest;
  if (negative) return number;
  return number == kLowest ? std::numeric_limits<std::int64_t>::max() : -number;
}

// The words of pydantic v2's lax mode.
std::optional<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "on", "t", "true", "y", "yes"};
  constexpr std::array<std::string_view, 6> kFalse{"0", "off", "f", "false", "n", "no"};
  const auto same = [text](std::string_view word) { return equal_without_case(text, word); };
  if (std::ranges::any_of(kTrue, same)) return true;
  if (std::ranges::any_of(kFalse, same)) return false;
  return std::nullopt;
}

Fault int_from_double(double number, std::int64_t& out) {
  if (!std::isfinite(number)) return fault("finite_number");
  if (number != std::trunc(number)) return fault("int_from_float");
  // 2^63 is exact as a double; the nearest below it is in range.
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (number >= kTwoTo63) {
    out = std::numeric_limits<std::int64_t>::max();
  } else if (number < -kTwoTo63) {
    out = std::numeric_limits<std::int64_t>::min();
  } else {
    out = static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> Place::path() const {
  std::vector<std::string> path = parent == nullptr ? std::vector<std::string>{} : parent->path();
  path.emplace_back(name);
  return path;
}

void report(FieldError fault, const Place& place, std::vector<FieldError>& errors) {
  fault.loc = place.path();
  errors.push_back(std::move(fault));
}

FieldError missing() {
  return {.loc = {}, .type = "missing", .argument = {}};
}

std::optional<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr storage,
                                             std::vector<FieldError>& errors) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  std::array<unsigned char, 2048> scratch;
  boost::json::parser parser({}, options, scratch.data(), scratch.size());
  parser.reset(std::move(storage));
  boost::json::error_code code;
  const std::size_t read = parser.write_some(text.data(), text.size(), code);
  if (!code && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
    code = boost::json::error::extra_data;
  }
  if (code) {
    errors.push_back({.loc = {"body", std::to_string(read)}, .type = "json_invalid", .argument = {}});
    return std::nullopt;
  }
  return parser.release();
}

Fault decode_scalar(std::string_view text, std::string& out, const Rule& rule) {
  // A path may hold any bytes; no JSON of ours keeps a NUL either.
  if (!is_storable_text(text)) return fault("value_error", std::string(rule::kText));
  if (rule.check != nullptr) {
    if (Fault wrong = rule.check(text)) return wrong;
  } else {
    const std::size_t length = rule.min_length || rule.max_length ? count_code_points(text) : 0;
    if (rule.min_length && length < *rule.min_length) {
      return fault("string_too_short", std::to_string(*rule.min_length));
    }
    if (rule.max_length && length > *rule.max_length) {
      return fault("string_too_long", std::to_string(*rule.max_length));
    }
  }
  out = text;
  return std::nullopt;
}

Fault decode_scalar(std::string_view text, bool& out, const Rule& /*rule*/) {
  const auto parsed = parse_bool(text);
  if (!parsed) return fault("bool_parsing");
  out = *parsed;
  return std::nullopt;
}

Fault decode_scalar(std::string_view text, std::int64_t& out, const Rule& rule) {
  const auto parsed = parse_int(text);
  if (!parsed) return fault("int_parsing");
  out = *parsed;
  return check_bounds(out, rule);
}

Fault decode_scalar(const boost::json::value& value, std::string& out, const Rule& rule) {
  const boost::json::string* text = value.if_string();
  return text == nullptr ? fault("string_type") : decode_scalar(std::string_view(*text), out, rule);
}

Fault decode_scalar(const boost::json::value& value, bool& out, const Rule& rule) {
  if (const bool* given = value.if_bool()) {
    out = *given;
    return std::nullopt;
  }
  if (const boost::json::string* text = value.if_string()) {
    return decode_scalar(std::string_view(*text), out, rule);
  }
  if (value.is_number()) {
    const double number = value.to_number<double>();
    if (number != 0 && number != 1) return fault(number == std::trunc(number) ? "bool_parsing" : "bool_type");
    out = number == 1;
    return std::nullopt;
  }
  return fault("bool_type");
}

Fault decode_scalar(const boost::json::value& value, std::int64_t& out, const Rule& rule) {
  switch (value.kind()) {
    case boost::json::kind::int64: out = value.get_int64(); break;
    case boost::json::kind::uint64: out = std::numeric_limits<std::int64_t>::max(); break;  // above 2^63
    case boost::json::kind::bool_: out = value.get_bool() ? 1 : 0; break;
    case boost::json::kind::string: return decode_scalar(std::string_view(value.get_string()), out, rule);
    case boost::json::kind::double_:
      if (Fault wrong = int_from_double(value.get_double(), out)) return wrong;
      break;
    default: return fault("int_type");
  }
  return check_bounds(out, rule);
}

}  // namespace izpo::api::schema
