#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The forms that a setting's text can have. Each reads a text without white space around it, or says what is
// wrong with it as the end of a sentence ("is not a whole number"). A problem never repeats the text: it may
// be a secret.
namespace izpo::app {

// Without ASCII white space around it.
std::string_view trimmed(std::string_view text);

template <class T>
using Read = std::expected<T, std::string>;

// Decimal, with an optional sign.
Read<std::int64_t> read_whole_number(std::string_view text, std::int64_t least, std::int64_t most);

// true/false, yes/no, on/off, 1/0, t/f, y/n, in any case.
Read<bool> read_switch(std::string_view text);

// One of `choices`, in any case; gives it as written in `choices`.
Read<std::string> read_choice(std::string_view text, std::span<const std::string_view> choices);

// UTF-8 without control characters.
Read<std::string> read_text(std::string_view text);

// An IPv4 or IPv6 address (with or without brackets) or "localhost", which is 127.0.0.1.
Read<std::string> read_address(std::string_view text);

// http or https, a host, perhaps a path; no query. Slashes at its end are dropped.
Read<std::string> read_public_url(std::string_view text);

// As Google takes one: 3 to 222 lower case letters, digits, '-', '_' and '.', the first and last no sign.
Read<std::string> read_bucket_name(std::string_view text);

// As read_public_url; without a scheme, it is http.
Read<std::string> read_emulator_host(std::string_view text);

// A JSON array of origins, a comma list of them, or "*". An origin is scheme://host[:port] (RFC 6454 §6.2); a
// slash at its end is forgiven, its host is written in lower case.
Read<std::vector<std::string>> read_origins(std::string_view text);

// As clamd::read_address takes it.
Read<std::string> read_clamd_address(std::string_view text);

// One of the two is set.
struct DatabaseUrl {
  std::filesystem::path sqlite;
  std::string postgres;  // a URL that postgres::Address::parse takes; has a password
};

// SQLAlchemy's forms: sqlite:///relative/path, sqlite:////absolute/path, postgresql://…
Read<DatabaseUrl> read_database_url(std::string_view text);

}  // namespace izpo::app
