#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/dotenv.hpp"
#include "app/setting_types.hpp"

namespace izpo::app {

// What an operator can set, read and checked. The defaults stand in the table of settings.cpp.
struct Settings {
  std::string host;        // an IP address
  std::uint16_t port = 0;  // 0: any free one
  std::filesystem::path data_dir;
  std::optional<std::string> public_url;  // without a slash at its end
  std::string app_name;
  bool debug = false;
  std::vector<std::string> allowed_origins;  // "*" alone: every origin

  std::optional<std::string> secret_key;  // unset: the one kept in data_dir
  std::string algorithm;                  // HS256, HS384 or HS512
  std::chrono::minutes access_token_lifetime{};
  std::chrono::days refresh_token_lifetime{};

  std::optional<DatabaseUrl> database;   // unset: SQLite in data_dir
  std::size_t database_connections = 0;  // PostgreSQL
  std::chrono::seconds database_timeout{};
  std::string database_prepared_statements;  // auto, on or off
  std::optional<std::string> gcs_bucket_name;
  std::optional<std::string> google_application_credentials;  // a file
  bool gcs_direct_downloads = false;
  std::string gcs_endpoint;                          // without a slash at its end
  std::optional<std::string> storage_emulator_host;  // with a scheme, without a slash at its end
  std::string gce_metadata_host;
  std::int64_t max_file_size = 0;       // bytes
  std::int64_t user_quota = 0;          // bytes; 0: none
  std::chrono::seconds file_url_ttl{};  // 0: for ever
  std::chrono::minutes file_grace{};
  bool thumbnails = false;
  std::string thumbnail_program;
  std::chrono::seconds thumbnail_timeout{};
  std::optional<std::string> clamd_address;
  std::chrono::seconds clamd_timeout{};
  std::string clamd_down;  // refuse or allow

  unsigned threads = 0;  // 0: one a core
  std::size_t max_connections = 0;
  std::size_t max_sockets_per_user = 0;
  std::size_t max_sockets_per_room = 0;
  std::chrono::seconds heartbeat{};
  std::size_t reconnects_per_second = 0;
  int messages_per_second = 0;  // of a user; 0: no limit
  int message_burst = 0;
  std::chrono::seconds presence_grace{};
  bool websocket_compression = false;
  std::size_t max_subscriptions = 0;
  std::chrono::milliseconds node_poll{};
  std::string io_uring;  // auto, on or off

  std::string log_level;   // debug, info, warning or error
  std::string log_format;  // text or json
  bool access_log = true;

  std::optional<std::chrono::seconds> file_link_lifetime() const {
    return file_url_ttl.count() > 0 ? std::optional(file_url_ttl) : std::nullopt;
  }
  // What the public_url of a file in the bucket began with in earlier versions; empty: there is no bucket.
  std::string old_bucket_url() const {
    return gcs_bucket_name ? "https://storage.googleapis.com/" + *gcs_bucket_name + "/" : "";
  }
  bool uses_postgres() const { return database && !database->postgres.empty(); }
  // SQLite's file; not with PostgreSQL.
  std::filesystem::path database_path() const {
    return database ? database->sqlite : data_dir / "izpochat.db";
  }
};

// One setting, defined once: reading, `izpochat settings`, docs/settings.md and .env.example all come from
// it.
struct Setting {
  std::string_view name;
  std::string_view group;    // the heading it stands under
  std::string expected;      // "a whole number from 0 to 65535"
  std::string_view initial;  // the default as one would write it; empty: unset
  std::string_view sentence;
  bool secret = false;  // its value is never printed

  // Puts the value into the settings, or says what is wrong with it ("is below 1"), without the value.
  std::function<std::expected<void, std::string>(std::string_view text, Settings& into)> read;
};

// In the order of the documentation. Built at the first call; thread-safe.
std::span<const Setting> setting_definitions();

// Where values come from; the first that has a setting wins. An empty value counts as none.
struct SettingSources {
  std::map<std::string, std::string, std::less<>> command_line;  // by the setting's name
  EnvironmentLookup environment;
  std::optional<std::string> dotenv;  // the text of .env
};

// This process's environment and the .env file of its working directory. Fails with the line to print when
// there is a .env that cannot be read.
std::expected<SettingSources, std::string> process_sources();

struct LoadedSettings {
  Settings settings;
  std::vector<std::string> warnings;  // one line each, for the log
};

// All settings, or one line that names the wrong one, what is wrong and what is expected.
std::expected<LoadedSettings, std::string> load_settings(const SettingSources& sources);

bool is_loopback(std::string_view address);

}  // namespace izpo::app
