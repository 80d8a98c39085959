#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/disk/layout.hpp"
#include "adapters/postgres/copy_into.hpp"
#include "adapters/sqlite/server_lock.hpp"
#include "adapters/sqlite/snapshot.hpp"
#include "adapters/sqlite/table_reader.hpp"
#include "adapters/system/clock.hpp"
#include "app/commands.hpp"
#include "app/copy_files.hpp"
#include "app/installation.hpp"
#include "app/postgres_options.hpp"
#include "app/process.hpp"
#include "app/progress.hpp"
#include "app/secret_key.hpp"
#include "domain/reasons.hpp"

namespace izpo::app {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failure(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

// From where and whereto: the settings of the two installations.
struct Ends {
  Settings from;
  Settings to;
};

// The error is a line about the command line.
std::expected<DatabaseUrl, std::string> read_url(std::string_view option, const std::string& text,
                                                 std::string_view expected) {
  auto url = read_database_url(text);
  if (!url) return std::unexpected(fmt::format("{}: {}; expected {}", option, url.error(), expected));
  return url;
}

// The data directory of the settings, unless it has nothing and that of a database which --from named is the
// one in which it lies.
fs::path data_dir_of(const Settings& from) {
  std::error_code error;
  const bool has_any =
      fs::exists(from.data_dir / "blobs", error) || fs::exists(from.data_dir / "secret.key", error);
  const fs::path beside = from.database->sqlite.parent_path();
  return has_any || beside.empty() ? from.data_dir : beside;
}

std::expected<Ends, std::string> read_ends(const CopyCommand& command, const Settings& settings) {
  static constexpr std::string_view kSqlite = "sqlite:///FILE";
  static constexpr std::string_view kPostgres = "postgresql://USER:PASSWORD@HOST:5432/DATABASE";
  Ends ends{.from = settings, .to = settings};
  if (!command.from.empty()) {
    auto url = read_url("--from", command.from, kSqlite);
    if (!url) return std::unexpected(std::move(url).error());
    ends.from.database = *std::move(url);
    if (ends.from.uses_postgres())
      return std::unexpected(
          fmt::format("--from: names PostgreSQL, and a copy is from SQLite; expected {}", kSqlite));
    ends.from.data_dir = data_dir_of(ends.from);
    ends.to.data_dir = ends.from.data_dir;
  } else if (settings.uses_postgres()) {
    ends.from.database.reset();
  }
  if (!command.to.empty()) {
    auto url = read_url("--to", command.to, kPostgres);
    if (!url) return std::unexpected(std::move(url).error());
    ends.to.database = *std::move(url);
    if (!ends.to.uses_postgres())
      return std::unexpected(
          fmt::format("--to: names SQLite, and a copy is to PostgreSQL; expected {}", kPostgres));
  } else if (!settings.uses_postgres()) {
    return std::unexpected(
        fmt::format("--to is missing, and DATABASE_URL names no PostgreSQL; expected {}", kPostgres));
  }
  if (!command.to_data_dir.empty()) ends.to.data_dir = command.to_data_dir;
  return ends;
}

// One copy, step after step: look at both ends, copy the files, and then the database, with which it is done.
class Copy final : postgres::CopyWatcher {
 public:
  Copy(Settings from, Settings to, const CopyCommand& command)
      : from_(std::move(from)),
        to_(std::move(to)),
        is_from_given_(!command.from.empty()),
        is_to_given_(!command.to.empty()) {}

  Result<void> run() {
    const fs::path database = from_.database_path();
    const auto has = has_database(from_);
    if (!has) return failure(has.error());
    if (!*has) {
      return failure(is_from_given_
                         ? fmt::format("there is no database {}: correct --from", database.string())
                         : no_database(from_));
    }
    IZPO_TRY(const auto lock,
             sqlite::ServerLock::take(database, "stop it, so that nothing is said meanwhile"));
    IZPO_TRY(const auto reader, sqlite::TableReader::open(database));
    IZPO_TRY(key_, kept_key(from_.data_dir));
    if (from_.secret_key && !key_.empty() && *from_.secret_key != key_) {
      progress_.note(
          fmt::format("SECRET_KEY is set, and is not the key in {}: logins stay good with the one that "
                      "the server had",
                      (from_.data_dir / "secret.key").string()));
    }
    IZPO_TRY(blobs_, blobs_of(database));

    auto options = postgres_options(to_, {});
    if (!options) return failure(std::move(options).error());
    postgres::CopyInto into(at_start(*std::move(options)), *reader, *this);
    const Timestamp now = system::SystemClock().now();
    IZPO_TRY(was_there_, about_postgres(into.look(now)));
    IZPO_CHECK(moves_files() ? copy_files() : look_at_files());
    if (!was_there_) {
      IZPO_TRY(counts_, about_postgres(into.copy(now)));
    }
    return {};
  }

  // What was done, and what to do now.
  void report(std::chrono::duration<double> took) const {
    const std::string source = shown_database(from_);
    const std::string target = shown_database(to_);
    if (was_there_) {
      fmt::print("nothing to copy: {} has everything that is in {}, row for row\n", target, source);
    } else {
      fmt::print("copied {} to {} in {:.1f} s: {}\n", source, target, took.count(), counted());
      fmt::print("read back and compared: all columns of all rows are the same\n");
    }
    if (from_.gcs_bucket_name) fmt::print("files stay in the bucket {}\n", *from_.gcs_bucket_name);
    if (moves_files()) {
      fmt::print("copied {}{} to {}\n", files_, key_.empty() ? "" : " and the key", to_.data_dir.string());
    } else if (!from_.gcs_bucket_name) {
      fmt::print("files stay where they are: the data directory is still {}\n", from_.data_dir.string());
    }
    fmt::print("next: {}, then `izpochat serve`\n", next_settings());
    fmt::print("start no server on {} any more: what is said there would not be in PostgreSQL\n",
               from_.database_path().string());
  }

 private:
  bool moves_files() const {
    std::error_code error;
    return from_.data_dir != to_.data_dir && !fs::equivalent(from_.data_dir, to_.data_dir, error);
  }

  static Result<std::string> kept_key(const fs::path& directory) {
    auto key = existing_secret_key(directory);
    if (!key) return failure(std::move(key).error());
    return *std::move(key);
  }

  Result<std::vector<std::string>> blobs_of(const fs::path& database) const {
    if (from_.gcs_bucket_name) return std::vector<std::string>();
    IZPO_TRY(auto names, sqlite::blobs_of_files(database));
    std::erase_if(names, [](const std::string& name) { return !disk::is_blob_name(name); });
    return names;
  }

  // Its lines speak of DATABASE_URL.
  template <class T>
  Result<T> about_postgres(Result<T> result) const {
    if (result || !is_to_given_) return result;
    static constexpr std::string_view kSetting = "DATABASE_URL";
    std::string& line = result.error().log_detail;
    if (const std::size_t at = line.find(kSetting); at != std::string::npos)
      line.replace(at, kSetting.size(), "--to");
    return result;
  }

  Result<void> look_at_files() {
    const auto missing = missing_blobs(from_.data_dir, blobs_);
    if (!missing.empty()) {
      progress_.note(
          fmt::format("{} of {} files have no bytes in {}: does --data-dir name the server's directory?",
                      missing.size(), blobs_.size(), (from_.data_dir / "blobs").string()));
    }
    return {};
  }

  Result<void> copy_files() {
    if (const auto made = make_directories(to_); !made) return failure(made.error());
    if (!key_.empty()) {
      if (const auto kept = keep_secret_key(to_.data_dir, key_); !kept) return failure(kept.error());
    }
    FileCopy files(from_.data_dir, to_.data_dir, progress_);
    IZPO_CHECK(files.run(blobs_));
    files_ = files.summary();
    return {};
  }

  std::string counted() const {
    std::vector<std::string> parts;
    for (const auto& [table, rows] : counts_) {
      if (sql::is_data(*table)) parts.push_back(fmt::format("{} {}", rows, table->rows));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  // What a server has to be given now.
  std::string next_settings() const {
    std::vector<std::string> parts;
    if (is_to_given_) parts.emplace_back("set DATABASE_URL to the URL of --to");
    if (moves_files()) parts.push_back(fmt::format("DATA_DIR={}", to_.data_dir.string()));
    if (from_.secret_key) {
      parts.emplace_back("keep SECRET_KEY as it is");
    } else if (!key_.empty()) {
      parts.push_back(fmt::format("SECRET_KEY=\"$(cat {})\", so that logins stay good",
                                  (to_.data_dir / "secret.key").string()));
    } else {
      parts.emplace_back("SECRET_KEY=\"$(openssl rand -hex 32)\"");
    }
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  bool is_due() override { return progress_.is_due(); }
  void show(std::string_view how_far) override { progress_.show(how_far); }
  bool is_stopped() override { return is_interrupted(); }

  const Settings from_;
  const Settings to_;
  const bool is_from_given_;
  const bool is_to_given_;
  Progress progress_;
  std::string key_;  // that of the data directory; empty: none
  std::vector<std::string> blobs_;
  bool was_there_ = false;
  postgres::CopyInto::Counts counts_;
  std::string files_;
};

}  // namespace

int copy(const CopyCommand& command, const Settings& settings) {
  auto ends = read_ends(command, settings);
  if (!ends) {
    report_failure(ends.error());
    return kMisused;
  }
  note_interrupts();
  ignore_broken_pipes();
  ignore_size_limits();
  const auto start = std::chrono::steady_clock::now();
  Copy copy(std::move(ends->from), std::move(ends->to), command);
  if (const auto done = copy.run(); !done) return report_failure(done.error().log_detail);
  copy.report(std::chrono::steady_clock::now() - start);
  return kDone;
}

}  // namespace izpo::app
