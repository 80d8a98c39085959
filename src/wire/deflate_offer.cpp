#include "wire/deflate_offer.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace izpo::wire {
namespace {

struct Parameter {
  std::string_view name;
  std::optional<std::string> value;
};

struct Offer {
  std::string_view extension;
  std::vector<Parameter> parameters;
};

// RFC 9110 §5.6.2
bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

// Reads the grammar of RFC 6455 §9.1 from front to end; every read skips the white space before it.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

  bool take(char wanted) {
    if (at_end() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Empty when there is none.
  std::string_view token() {
    skip_space();
    const auto end = std::ranges::find_if_not(rest_, is_token_character);
    const std::string_view found(rest_.begin(), end);
    rest_.remove_prefix(found.size());
    return found;
  }

  // A token, or a quoted string that unquoted is one.
  std::optional<std::string> value() {
    if (!take('"')) {
      const auto found = token();
      return found.empty() ? std::nullopt : std::optional<std::string>(found);
    }
    std::string unquoted;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || !is_token_character(rest_.front())) return std::nullopt;
      unquoted += rest_.front();
      rest_.remove_prefix(1);
    }
    if (rest_.empty() || unquoted.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    return unquoted;
  }

  std::optional<Offer> offer() {
    Offer offer{token(), {}};
    if (offer.extension.empty()) return std::nullopt;
    while (take(';')) {
      Parameter parameter{token(), std::nullopt};
      if (parameter.name.empty()) return std::nullopt;
      if (take('=')) {
        parameter.value = value();
        if (!parameter.value) return std::nullopt;
      }
      offer.parameters.push_back(std::move(parameter));
    }
    return offer;
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

// nullopt: not as the grammar says. A list may have empty elements (RFC 9110 §5.6.1).
std::optional<std::vector<Offer>> read_offers(std::string_view text) {
  std::vector<Offer> offers;
  Reader reader(text);
  while (!reader.at_end()) {
    if (reader.take(',')) continue;
    auto offer = reader.offer();
    if (!offer) return std::nullopt;
    offers.push_back(*std::move(offer));
    if (!reader.at_end() && !reader.take(',')) return std::nullopt;
  }
  return offers;
}

// §7.1.2: decimal, without leading zeros.
bool is_window_bits(std::string_view value) {
  constexpr std::array<std::string_view, 8> kBits{"8", "9", "10", "11", "12", "13", "14", "15"};
  return std::ranges::find(kBits, value) != kBits.end();
}

bool acceptable(const Parameter& parameter) {
  const auto& [name, value] = parameter;
  if (name == "server_no_context_takeover" || name == "client_no_context_takeover") return !value;
  if (name == "server_max_window_bits") return value == "15";
  if (name == "client_max_window_bits") return !value || is_window_bits(*value);
  return false;
}

bool acceptable(const Offer& offer) {
  const auto& parameters = offer.parameters;
  const auto once = [&parameters](const Parameter& parameter) {
    return std::ranges::count(parameters, parameter.name, &Parameter::name) == 1;
  };
  return offer.extension == "permessage-deflate" &&
         std::ranges::all_of(parameters, [](const auto& parameter) { return acceptable(parameter); }) &&
         std::ranges::all_of(parameters, once);
}

}  // namespace

std::optional<std::string> accept_deflate(std::string_view offers) {
  const auto read = read_offers(offers);
  if (!read) return std::nullopt;
  const auto taken = std::ranges::find_if(*read, [](const Offer& offer) { return acceptable(offer); });
  if (taken == read->end()) return std::nullopt;
  std::string answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  // §7.1.2.1: who asked for a window must be told of it.
  const auto& asked = taken->parameters;
  if (std::ranges::find(asked, "server_max_window_bits", &Parameter::name) != asked.end()) {
    answer += "; server_max_window_bits=15";
  }
  return answer;
}

}  // namespace izpo::wire
