#include "app/setting_types.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>

#include "adapters/clamd/virus_scanner.hpp"
#include "adapters/postgres/address.hpp"

namespace izpo::app {
namespace {

std::unexpected<std::string> problem(std::string text) {
  return std::unexpected(std::move(text));
}

Read<std::string> read_origin(std::string_view text) {
  if (text == "*") return std::string(text);
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || !parsed->has_authority() || parsed->host().empty()) {
    return problem("has an entry that is not an origin like https://chat.example.org");
  }
  boost::urls::url origin(*parsed);
  if (origin.has_userinfo() || origin.has_query() || origin.has_fragment() ||
      (!origin.encoded_path().empty() && origin.encoded_path() != "/")) {
    return problem("has an origin with more than scheme, host and port");
  }
  origin.normalize_scheme().normalize_authority();
  origin.set_encoded_path("");
  return std::string(origin.buffer());
}

Read<std::vector<std::string_view>> split_origins(std::string_view text, boost::json::value& json) {
  std::vector<std::string_view> entries;
  if (!text.starts_with('[')) {
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find(',', start), text.size());
      entries.push_back(trimmed(text.substr(start, end - start)));
      start = end + 1;
    }
    std::erase(entries, "");
    return entries;
  }
  boost::system::error_code broken;
  json = boost::json::parse(text, broken);
  if (broken || !json.is_array()) return problem("begins like a JSON array and is none");
  for (const auto& entry : json.get_array()) {
    if (!entry.is_string()) return problem("has a JSON entry that is not a string");
    entries.push_back(trimmed(std::string_view(entry.get_string())));
  }
  return entries;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view kBlank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Read<std::int64_t> read_whole_number(std::string_view text, std::int64_t least, std::int64_t most) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) {
    return problem("is not a whole number");
  }
  const bool huge = error == std::errc::result_out_of_range;
  if (huge ? text.starts_with('-') : number < least) return problem(fmt::format("is below {}", least));
  if (huge || number > most) return problem(fmt::format("is above {}", most));
  return number;
}

Read<bool> read_switch(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kOn{"true", "yes", "on", "1", "t", "y"};
  static constexpr std::array<std::string_view, 6> kOff{"false", "no", "off", "0", "f", "n"};
  const auto is_text = [text](std::string_view word) { return boost::iequals(word, text); };
  if (std::ranges::any_of(kOn, is_text)) return true;
  if (std::ranges::any_of(kOff, is_text)) return false;
  return problem("is neither yes nor no");
}

Read<std::string> read_choice(std::string_view text, std::span<const std::string_view> choices) {
  const auto found =
      std::ranges::find_if(choices, [text](std::string_view choice) { return boost::iequals(choice, text); });
  if (found == choices.end()) return problem("is none of the choices");
  return std::string(*found);
}

Read<std::string> read_text(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) return problem("is not UTF-8");
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return problem("has a control character");
  }
  return std::string(text);
}

Read<std::string> read_address(std::string_view text) {
  if (boost::iequals(text, "localhost")) return "127.0.0.1";
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error) return problem("is not an IP address");
  return address.to_string();
}

Read<std::string> read_public_url(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url || !url->has_authority() || url->host().empty() ||
      (url->scheme_id() != boost::urls::scheme::http && url->scheme_id() != boost::urls::scheme::https)) {
    return problem("is not an address that starts with http:// or https://");
  }
  if (url->has_userinfo() || url->has_query() || url->has_fragment()) {
    return problem("has more than scheme, host, port and path");
  }
  const std::size_t last = text.find_last_not_of('/');
  return std::string(text.substr(0, last + 1));
}

Read<std::string> read_clamd_address(std::string_view text) {
  if (!clamd::read_address(text)) return problem("is neither an absolute path nor a host with a port");
  return std::string(text);
}

Read<std::string> read_bucket_name(std::string_view text) {
  if (text.starts_with("gs://")) return problem("has gs:// before the name");
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool fits =
      text.size() >= 3 && text.size() <= 222 && is_plain(text.front()) && is_plain(text.back()) &&
      std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; });
  if (!fits) return problem("is not a name that a bucket can have");
  return std::string(text);
}

Read<std::string> read_emulator_host(std::string_view text) {
  return read_public_url(text.contains("://") ? std::string(text) : "http://" + std::string(text));
}

Read<std::vector<std::string>> read_origins(std::string_view text) {
  boost::json::value json;
  const auto entries = split_origins(text, json);
  if (!entries) return problem(entries.error());
  std::vector<std::string> origins;
  for (const std::string_view entry : *entries) {
    auto origin = read_origin(entry);
    if (!origin) return problem(origin.error());
    if (*origin == "*") return std::vector<std::string>{"*"};
    origins.push_back(*std::move(origin));
  }
  return origins;
}

Read<DatabaseUrl> read_database_url(std::string_view text) {
  static constexpr std::string_view kSqlite = "sqlite:///";
  if (text.starts_with("postgres")) {
    const auto address = postgres::Address::parse(text);
    if (!address) return problem(address.error());
    return DatabaseUrl{.sqlite = {}, .postgres = std::string(text)};
  }
  if (!text.starts_with(kSqlite)) return problem("is not a database that this version knows");
  const std::string_view path = text.substr(kSqlite.size());
  if (path.empty() || path == ":memory:")
    return problem("names no file, and nothing would outlive the process");
  if (path.ends_with('/')) return problem("names a directory, not a file");
  if (path.contains('?')) return problem("has parameters after '?', which are not known");
  return DatabaseUrl{.sqlite = path, .postgres = {}};
}

}  // namespace izpo::app
