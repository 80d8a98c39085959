#include "adapters/postgres/address.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace izpo::postgres {
namespace {

using Options =
    std::unique_ptr<PQconninfoOption, decltype([](PQconninfoOption* all) { PQconninfoFree(all); })>;

// Only what tells libpq of a dead peer, who we are and how text is written. What the URL says wins.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kDefaults{{
    {"fallback_application_name", "izpochat"},
    {"client_encoding", "UTF8"},
    {"keepalives_idle", "15"},     // seconds
    {"keepalives_interval", "5"},  // seconds
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "15000"},  // milliseconds
}};

// Where Debian and Red Hat keep the authorities that the system trusts; libpq 15 has no `sslrootcert=system`.
constexpr std::string_view kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

constexpr std::string_view kSupabasePoolerPort = "6543";

constexpr std::string_view kHowToEncode = "in user and password write @ : / ? # % as %40 %3A %2F %3F %23 %25";

bool is_known(std::string_view keyword) {
  static const Options kKnown(PQconndefaults());
  if (keyword == "ssl") return true;  // JDBC's, which libpq reads as sslmode=require
  for (const PQconninfoOption* option = kKnown.get(); option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) return true;
  }
  return false;
}

// libpq quotes what it did not understand, which may be a part of the password.
std::string without_quotes(std::string_view message) {
  std::string text;
  bool quoted = false;
  for (const char c : message) {
    if (c == '"') {
      quoted = !quoted;
      if (quoted) text += "…";
    } else if (!quoted && c != '\n') {
      text += c;
    }
  }
  return text;
}

// The scheme as libpq knows it, and what comes after it; empty when it is another.
std::string with_plain_scheme(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return {};
  const std::string_view scheme = url.substr(0, colon);
  const std::string_view dialect = scheme.substr(0, scheme.find('+'));
  if (dialect != "postgres" && dialect != "postgresql") return {};
  return fmt::format("postgresql{}", url.substr(colon));
}

// Whether an @ stands where none can: then a part of the password was taken for the host, the port, the
// database or a parameter, which are printed.
bool has_stray_at(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const std::string_view before_parameters = url.substr(0, url.find('?'));
  const std::size_t slash = before_parameters.find('/');
  if (std::ranges::count(before_parameters.substr(0, slash), '@') > 1) return true;
  if (slash != std::string_view::npos && before_parameters.substr(slash).contains('@')) return true;
  url.remove_prefix(before_parameters.size());
  while (!url.empty()) {
    url.remove_prefix(1);  // ? or &
    const std::string_view parameter = url.substr(0, url.find('&'));
    if (parameter.substr(0, parameter.find('=')).contains('@')) return true;
    url.remove_prefix(parameter.size());
  }
  return false;
}

// Takes from `url` the parameters that are not libpq's.
std::string read_parameters(std::string_view url, Address& into) {
  const std::size_t question = url.find('?');
  std::string kept(url.substr(0, question));
  if (question == std::string_view::npos) return kept;
  std::string_view rest = url.substr(question + 1);
  char separator = '?';
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (name == "pgbouncer") {
      into.pooled = into.pooled || parameter.ends_with("=true") || parameter.ends_with("=1");
    } else if (is_known(name)) {
      kept += separator;
      kept += parameter;
      separator = '&';
      continue;
    }
    const bool plain = std::ranges::all_of(name, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
    into.notes.push_back(
        fmt::format("DATABASE_URL: the parameter {} is not PostgreSQL's and is dropped", plain ? name : "…"));
  }
  return kept;
}

std::string shown_address(const Address& address) {
  const auto or_else = [&](std::string_view keyword, std::string_view other) {
    const std::string_view value = address.value(keyword);
    return value.empty() ? other : value;
  };
  std::string_view host = or_else("host", address.value("hostaddr"));
  if (host.empty()) host = "local socket";
  const std::string_view port = address.value("port");
  return fmt::format("{}@{}{}{}/{}", or_else("user", "?"), host, port.empty() ? "" : ":", port,
                     or_else("dbname", or_else("user", "?")));
}

// One, or one for each host; an empty one is the usual.
bool are_ports(std::string_view ports) {
  while (true) {
    const std::string_view port = ports.substr(0, ports.find(','));
    int number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (!port.empty() &&
        (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535))
      return false;
    if (port.size() == ports.size()) return true;
    ports.remove_prefix(port.size() + 1);
  }
}

}  // namespace

std::string_view Address::value(std::string_view keyword) const {
  const auto found = std::ranges::find(parameters, keyword, &std::pair<std::string, std::string>::first);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

std::expected<Address, std::string> Address::parse(std::string_view url) {
  const std::string plain = with_plain_scheme(url);
  if (plain.empty()) return std::unexpected("is not an address of PostgreSQL");
  if (has_stray_at(plain)) {
    return std::unexpected(
        fmt::format("cannot be read as an address of PostgreSQL (it has an @ too many); {}", kHowToEncode));
  }
  Address address;
  const std::string readable = read_parameters(plain, address);

  char* raw_message = nullptr;
  const Options read(PQconninfoParse(readable.c_str(), &raw_message));
  const std::unique_ptr<char, decltype([](char* text) { PQfreemem(text); })> message(raw_message);
  if (!read) {
    return std::unexpected(fmt::format("cannot be read as an address of PostgreSQL ({}); {}",
                                       message ? without_quotes(message.get()) : "no memory", kHowToEncode));
  }
  for (const PQconninfoOption* option = read.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    address.parameters.emplace_back(option->keyword, option->val);
  }
  if (!are_ports(address.value("port"))) {
    return std::unexpected(fmt::format(
        "cannot be read as an address of PostgreSQL (its port is not a number from 1 to 65535); {}",
        kHowToEncode));
  }
  const bool several_hosts = address.value("host").contains(',') || address.value("hostaddr").contains(',');
  if (address.value("port") == kSupabasePoolerPort) address.pooled = true;
  if (address.pooled) {
    const auto dropped =
        std::erase_if(address.parameters, [](const auto& pair) { return pair.first == "options"; });
    if (dropped > 0) {
      address.notes.emplace_back(kOptionsDropped);
    }
  }
  for (auto& [keyword, value] : address.parameters) {
    if (keyword == "sslrootcert" && value == "system") value = kSystemAuthorities;
  }
  for (const auto& [keyword, value] : kDefaults) {
    if (address.value(keyword).empty()) address.parameters.emplace_back(keyword, value);
  }
  // Of a primary and its standbys, the one that can be written to.
  if (several_hosts && address.value("target_session_attrs").empty()) {
    address.parameters.emplace_back("target_session_attrs", "read-write");
  }
  address.shown = shown_address(address);
  return address;
}

}  // namespace izpo::postgres
