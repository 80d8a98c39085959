#include "app/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "app/setting_types.hpp"

namespace izpo::app {
namespace {

// A kind of value: how it is read, and what to say is expected.
struct Kind {
  std::string expected;
  std::function<std::expected<void, std::string>(std::string_view, Settings&)> read;
  bool secret = false;
};

// `reader` makes of the text what `field` holds; a conversion of the result is the field's own.
template <class Field, class Reader>
Kind kind(std::string expected, Field Settings::* field, Reader reader) {
  return {std::move(expected),
          [field, reader](std::string_view text, Settings& into) -> std::expected<void, std::string> {
            auto value = reader(text);
            if (!value) return std::unexpected(std::move(value).error());
            into.*field = static_cast<Field>(*std::move(value));
            return {};
          }};
}

template <class Field>
Kind whole_number(Field Settings::* field, std::int64_t least, std::int64_t most) {
  return kind(fmt::format("a whole number from {} to {}", least, most), field,
              [least, most](std::string_view text) { return read_whole_number(text, least, most); });
}

template <std::size_t N>
Kind choice(std::string Settings::* field, const std::array<std::string_view, N>& choices) {
  return kind(fmt::format("one of {}", fmt::join(choices, ", ")), field,
              [choices](std::string_view text) { return read_choice(text, choices); });
}

template <class Field>
Kind text(std::string expected, Field Settings::* field) {
  return kind(std::move(expected), field, read_text);
}

Kind secret(Kind kind) {
  kind.secret = true;
  return kind;
}

Kind yes_or_no(bool Settings::* field) {
  return kind("true or false", field, read_switch);
}

constexpr std::size_t kLeastSecretBytes = 32;
constexpr std::int64_t kYearInMinutes = 366LL * 24 * 60;
constexpr std::array<std::string_view, 3> kAlgorithms{"HS256", "HS384", "HS512"};
constexpr std::array<std::string_view, 3> kAutoOnOff{"auto", "on", "off"};
constexpr std::array<std::string_view, 2> kClamdDown{"refuse", "allow"};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kLogFormats{"text", "json"};

// Keys that stood in published examples: whoever knows them can make a token for anybody.
constexpr std::array<std::string_view, 2> kPublishedKeys{
    "tu_secret_key_muy_seguro_cambia_esto_por_algo_unico", "clave_super_segura_para_produccion"};

constexpr std::string_view kServer = "Server";
constexpr std::string_view kLogins = "Logins";
constexpr std::string_view kStorage = "Storage";
constexpr std::string_view kFiles = "Files";
constexpr std::string_view kCapacity = "Capacity";
constexpr std::string_view kLog = "Log";

std::vector<Setting> make_definitions() {
  std::vector<Setting> all;
  const auto add = [&all](std::string_view group, std::string_view name, Kind kind, std::string_view initial,
                          std::string_view sentence) {
    all.push_back(
        {name, group, std::move(kind.expected), initial, sentence, kind.secret, std::move(kind.read)});
  };

  add(kServer, "HOST", kind("an IP address or localhost", &Settings::host, read_address), "127.0.0.1",
      "Address to listen on; 0.0.0.0 or :: is every address of the machine.");
  add(kServer, "PORT", whole_number(&Settings::port, 0, 65535), "8000",
      "TCP port to listen on; 0 takes any free one.");
  add(kServer, "DATA_DIR", text("a directory", &Settings::data_dir), "data",
      "Directory of everything the server keeps; made with mode 0700 when it is missing.");
  add(kServer, "PUBLIC_URL",
      kind("an address like https://chat.example.org", &Settings::public_url, read_public_url), "",
      "Where clients reach the server, for the links in answers; unset, the scheme and host by which each "
      "client came.");
  add(kServer, "APP_NAME", text("text", &Settings::app_name), "IzpoChat",
      "Name shown by /health and on the pages.");
  add(kServer, "ALLOWED_ORIGINS",
      kind("a JSON array or comma list of origins, or *", &Settings::allowed_origins, read_origins), "*",
      "Origins whose pages may call the API from a browser (CORS). * is every origin: no cookie is used, so "
      "a page "
      "has only the tokens that were given to it.");
  add(kServer, "DEBUG", yes_or_no(&Settings::debug), "false",
      "For development: lets weak SECRET_KEY values pass while HOST is a loopback address.");

  add(kLogins, "SECRET_KEY",
      secret(text("at least 32 bytes, as `openssl rand -hex 32` prints", &Settings::secret_key)), "",
      "Key that signs access tokens; unset, one is made once and kept in DATA_DIR/secret.key (with "
      "PostgreSQL it "
      "must be set: every server on the database has the same). Another key ends every access token.");
  add(kLogins, "ALGORITHM", choice(&Settings::algorithm, kAlgorithms), "HS256",
      "How access tokens are signed.");
  add(kLogins, "ACCESS_TOKEN_EXPIRE_MINUTES",
      whole_number(&Settings::access_token_lifetime, 1, kYearInMinutes), "30",
      "Lifetime of an access token, in minutes.");
  add(kLogins, "REFRESH_TOKEN_EXPIRE_DAYS", whole_number(&Settings::refresh_token_lifetime, 1, 3660), "30",
      "Days after which an unused refresh token, and the login with it, ends.");

  add(kStorage, "DATABASE_URL",
      secret(kind("sqlite:///path, sqlite:////absolute/path or postgresql://USER:PASSWORD@HOST/DATABASE",
                  &Settings::database, read_database_url)),
      "", "The database; unset, SQLite in DATA_DIR/izpochat.db.");
  add(kStorage, "DATABASE_CONNECTIONS", whole_number(&Settings::database_connections, 1, 1000), "4",
      "Connections to PostgreSQL that this server opens at most, beside two for new messages.");
  add(kStorage, "DATABASE_TIMEOUT_SECONDS", whole_number(&Settings::database_timeout, 1, 300), "5",
      "Seconds after which a statement of PostgreSQL, or a wait for a connection, is given up and the client "
      "told "
      "to come back.");
  add(kStorage, "DATABASE_PREPARED_STATEMENTS", choice(&Settings::database_prepared_statements, kAutoOnOff),
      "auto",
      "Whether statements are kept prepared in PostgreSQL. auto: unless a pooler in transaction mode is "
      "known to be "
      "there (port 6543, pgbouncer=true in DATABASE_URL, or it shows).");
  add(kStorage, "GCS_BUCKET_NAME", kind("the name of a bucket", &Settings::gcs_bucket_name, read_bucket_name),
      "", "Bucket of Google Cloud Storage where files are kept; unset, they are in DATA_DIR.");
  add(kStorage, "GOOGLE_APPLICATION_CREDENTIALS",
      text("the JSON key file of a service account", &Settings::google_application_credentials), "",
      "Who reads and writes the bucket; unset, the account that the machine has at Google.");
  add(kStorage, "GCS_DIRECT_DOWNLOADS", yes_or_no(&Settings::gcs_direct_downloads), "false",
      "Whether clients get files straight from the bucket, by links that are signed for fifteen minutes, and "
      "not through the server. Needs GOOGLE_APPLICATION_CREDENTIALS.");
  add(kStorage, "GCS_ENDPOINT",
      kind("an address like https://storage.googleapis.com", &Settings::gcs_endpoint, read_public_url),
      "https://storage.googleapis.com", "Where Google Cloud Storage is reached, for a private endpoint.");
  add(kStorage, "STORAGE_EMULATOR_HOST",
      kind("host:port, or an address like http://127.0.0.1:9023", &Settings::storage_emulator_host,
           read_emulator_host),
      "", "For development: an emulator of Google Cloud Storage, which is asked without a login.");
  add(kStorage, "GCE_METADATA_HOST", text("host or host:port", &Settings::gce_metadata_host),
      "metadata.google.internal", "Where a machine at Google asks for its account's access tokens.");

  add(kFiles, "MAX_FILE_SIZE", whole_number(&Settings::max_file_size, 1, std::int64_t{1} << 40), "52428800",
      "Bytes that one uploaded file may have.");
  add(kFiles, "USER_QUOTA", whole_number(&Settings::user_quota, 0, std::int64_t{1} << 50), "10737418240",
      "Bytes that the files of one user may take together; 0 is no limit.");
  add(kFiles, "FILE_URL_TTL", whole_number(&Settings::file_url_ttl, 0, kYearInMinutes * 60), "604800",
      "Seconds for which a file's public_url is good, three quarters of them at least; 0 is for ever. "
      "Answers always have a fresh one.");
  add(kFiles, "FILE_GRACE_MINUTES", whole_number(&Settings::file_grace, 1, kYearInMinutes), "60",
      "Minutes after which the bytes of a deleted file, or of an upload that never ended, are removed.");

  add(kFiles, "THUMBNAILS", yes_or_no(&Settings::thumbnails), "true",
      "Whether images are given out in smaller sizes too, made when they are first asked for. Needs "
      "THUMBNAIL_PROGRAM; without it there are none.");
  add(kFiles, "THUMBNAIL_PROGRAM", text("a program's name or path", &Settings::thumbnail_program),
      "vipsthumbnail",
      "libvips' vipsthumbnail (in Debian's libvips-tools), which makes the smaller pictures in a process of "
      "its own.");
  add(kFiles, "THUMBNAIL_TIMEOUT_SECONDS", whole_number(&Settings::thumbnail_timeout, 1, 600), "20",
      "How long it may take for one picture; half of that on the processor.");
  add(kFiles, "CLAMD_ADDRESS",
      kind("a Unix socket's absolute path or host:port", &Settings::clamd_address, read_clamd_address), "",
      "Where ClamAV's clamd listens: every upload is shown to it as it arrives, and an infected one is "
      "refused. Unset, uploads are not scanned. clamd's StreamMaxLength must not be below MAX_FILE_SIZE.");
  add(kFiles, "CLAMD_TIMEOUT_SECONDS", whole_number(&Settings::clamd_timeout, 1, 3600), "30",
      "How long clamd may take for one step, its answer among them.");
  add(kFiles, "CLAMD_DOWN", choice(&Settings::clamd_down, kClamdDown), "refuse",
      "What happens to uploads that clamd could not scan: refuse answers 503, allow lets them pass. Both are "
      "logged with their count.");

  add(kCapacity, "THREADS", whole_number(&Settings::threads, 0, 256), "0",
      "Threads that serve connections; 0 is one for each core.");
  add(kCapacity, "MAX_CONNECTIONS", whole_number(&Settings::max_connections, 1, 1'000'000), "10000",
      "Connections open at once; more are refused with 503. Each needs a file descriptor (ulimit -n).");
  add(kCapacity, "MAX_SOCKETS_PER_USER", whole_number(&Settings::max_sockets_per_user, 1, 1'000'000), "50",
      "WebSockets that a user may have open at once; more are closed with 4429.");
  add(kCapacity, "MAX_SOCKETS_PER_ROOM", whole_number(&Settings::max_sockets_per_room, 1, 1'000'000), "20000",
      "WebSockets that may be in a room at once; more are closed with 4429.");
  add(kCapacity, "HEARTBEAT_SECONDS", whole_number(&Settings::heartbeat, 1, 3600), "25",
      "Time between two pings of a WebSocket, give or take a tenth; one that leaves two unanswered is "
      "closed.");
  add(kCapacity, "RECONNECTS_PER_SECOND", whole_number(&Settings::reconnects_per_second, 1, 1'000'000), "500",
      "When the server stops, its WebSockets are told to come back so many a second, not all at once.");
  add(kCapacity, "MESSAGES_PER_SECOND", whole_number(&Settings::messages_per_second, 0, 100'000), "20",
      "Messages a user may write in a second, on all sockets and over REST together, for longer than a "
      "burst; 0 "
      "is no limit.");
  add(kCapacity, "MESSAGE_BURST", whole_number(&Settings::message_burst, 1, 1'000'000), "60",
      "Messages a user may write at once after a pause.");
  add(kCapacity, "PRESENCE_GRACE_SECONDS", whole_number(&Settings::presence_grace, 0, 3600), "5",
      "How long a user stays online after their last socket in a room has gone, so that who reconnects is "
      "not "
      "shown as leaving and coming back; 0 is not at all.");
  add(kCapacity, "WEBSOCKET_COMPRESSION", yes_or_no(&Settings::websocket_compression), "false",
      "Whether WebSockets may compress (permessage-deflate): less traffic, for more work. An event is "
      "compressed "
      "once for all sockets that agreed on it.");
  add(kCapacity, "IO_URING", choice(&Settings::io_uring, kAutoOnOff), "auto",
      "Whether what many sockets have to be sent is given to the kernel in one call (io_uring), not one by "
      "one. "
      "auto: where the system lets the server. on: the server does not start without.");

  add(kCapacity, "MAX_SUBSCRIPTIONS", whole_number(&Settings::max_subscriptions, 1, 100'000), "1000",
      "Rooms that one WebSocket of all rooms may be subscribed to; more are refused.");

  add(kCapacity, "NODE_POLL_MS", whole_number(&Settings::node_poll, 10, 60'000), "500",
      "How often a server asks for what others on the same PostgreSQL database wrote into the rooms of its "
      "sockets, in "
      "milliseconds: so much later than their own do its sockets get it, at most. With SQLite nobody else "
      "writes, and "
      "nothing is asked.");

  add(kLog, "LOG_LEVEL", choice(&Settings::log_level, kLogLevels), "info",
      "Least severity that is written to standard error.");
  add(kLog, "LOG_FORMAT", choice(&Settings::log_format, kLogFormats), "text",
      "One line of text or one JSON object for each record.");
  add(kLog, "ACCESS_LOG", yes_or_no(&Settings::access_log), "true",
      "Whether each request is logged, at level info.");
  return all;
}

std::optional<std::string> process_environment(const std::string& name) {
  // Only the start of the process reads it, before any thread is made.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return value;
}

const Setting* find_definition(std::string_view name) {
  const auto all = setting_definitions();
  const auto found = std::ranges::find(all, name, &Setting::name);
  return found == all.end() ? nullptr : &*found;
}

struct Found {
  std::string value;
  std::string_view origin;  // as an error line says it
};

class Lookup {
 public:
  explicit Lookup(const SettingSources& sources)
      : sources_(sources), dotenv_(parse_dotenv(sources.dotenv.value_or(""), sources.environment)) {}

  const Dotenv& dotenv() const { return dotenv_; }

  std::optional<Found> find(const Setting& setting) const {
    const auto given = sources_.command_line.find(setting.name);
    if (given != sources_.command_line.end())
      return Found{std::string(trimmed(given->second)), "on the command line"};
    if (const auto value = sources_.environment(std::string(setting.name));
        value && !trimmed(*value).empty()) {
      return Found{std::string(trimmed(*value)), "in the environment"};
    }
    if (const auto value = dotenv_.find(setting.name); value && !trimmed(*value).empty()) {
      return Found{std::string(trimmed(*value)), "in .env"};
    }
    return std::nullopt;
  }

 private:
  const SettingSources& sources_;
  Dotenv dotenv_;
};

// A value as one line can show it; control characters would break the line.
std::string shown(const Setting& setting, std::string_view value) {
  static constexpr std::size_t kMost = 100;
  if (setting.secret) return std::string(setting.name);
  std::string text(value.substr(0, kMost));
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return fmt::format("{}=\"{}{}\"", setting.name, text, value.size() > kMost ? "…" : "");
}

std::string wrong(const Setting& setting, const Found& found, std::string_view what) {
  return fmt::format("{} {}: {}; expected {}", shown(setting, found.value), found.origin, what,
                     setting.expected);
}

// A rule that needs more than one setting.
std::expected<void, std::string> check_secret_key(const Settings& settings) {
  if (!settings.secret_key) {
    if (!settings.uses_postgres()) return {};
    return std::unexpected("must be set with PostgreSQL, the same on every server");
  }
  if (settings.debug && is_loopback(settings.host)) return {};
  if (std::ranges::find(kPublishedKeys, *settings.secret_key) != kPublishedKeys.end()) {
    return std::unexpected("is a published example, with which anybody can make tokens");
  }
  if (settings.secret_key->size() < kLeastSecretBytes) {
    return std::unexpected(fmt::format("has only {} bytes", settings.secret_key->size()));
  }
  return {};
}

std::vector<std::string> warnings_for(const Dotenv& dotenv) {
  std::vector<std::string> warnings;
  warnings.reserve(dotenv.unreadable_lines.size() + 1);
  for (const int line : dotenv.unreadable_lines) {
    warnings.push_back(fmt::format(".env: line {} cannot be read and is ignored", line));
  }
  std::vector<std::string_view> unknown;
  for (const auto& [name, value] : dotenv.values) {
    if (!find_definition(name)) unknown.push_back(name);
  }
  if (!unknown.empty()) {
    warnings.push_back(
        fmt::format(".env: not a setting of this server, ignored: {}", fmt::join(unknown, ", ")));
  }
  return warnings;
}

}  // namespace

std::span<const Setting> setting_definitions() {
  static const std::vector<Setting> kDefinitions = make_definitions();
  return kDefinitions;
}

std::expected<SettingSources, std::string> process_sources() {
  SettingSources sources;
  sources.environment = process_environment;
  std::error_code error;
  const auto kind = std::filesystem::status(".env", error).type();
  if (kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::fifo) return sources;
  std::ifstream file(".env", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return std::unexpected(".env: is there and cannot be read; give this user the right to, or remove it");
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return std::unexpected(".env: is not UTF-8; expected UTF-8 text");
  }
  sources.dotenv = std::move(text);
  return sources;
}

std::expected<LoadedSettings, std::string> load_settings(const SettingSources& sources) {
  const Lookup lookup(sources);
  LoadedSettings loaded;
  for (const Setting& setting : setting_definitions()) {
    const auto found = lookup.find(setting);
    if (!found && setting.initial.empty()) continue;
    const Found value = found.value_or(Found{std::string(setting.initial), "by default"});
    if (const auto read = setting.read(value.value, loaded.settings); !read) {
      return std::unexpected(wrong(setting, value, read.error()));
    }
  }
  if (const auto checked = check_secret_key(loaded.settings); !checked) {
    const Setting& setting = *find_definition("SECRET_KEY");
    const Found unset{.value = {}, .origin = "is unset"};
    return std::unexpected(wrong(setting, lookup.find(setting).value_or(unset), checked.error()));
  }
  loaded.warnings = warnings_for(lookup.dotenv());
  return loaded;
}

bool is_loopback(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(std::string(address), error);
  return !error && parsed.is_loopback();
}

}  // namespace izpo::app
