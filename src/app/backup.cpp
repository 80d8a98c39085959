#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/archive/writer.hpp"
#include "adapters/disk/layout.hpp"
#include "adapters/sqlite/snapshot.hpp"
#include "adapters/system/clock.hpp"
#include "app/backup_format.hpp"
#include "app/commands.hpp"
#include "app/installation.hpp"
#include "app/process.hpp"
#include "app/progress.hpp"
#include "app/secret_key.hpp"
#include "base/time.hpp"
#include "domain/reasons.hpp"

namespace izpo::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListedAtOnce = 1000;

std::unexpected<Error> failure(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

// A file for the copy of the database beside the archive, mode 0600, that goes away at the end of the scope.
class Scratch {
 public:
  static Result<Scratch> beside(const fs::path& archive) {
    std::string name = archive.string() + ".db.XXXXXX";
    const Descriptor made(::mkostemp(name.data(), O_CLOEXEC));
    if (!made)
      return failure(
          fmt::format("cannot make {}: {}", archive.string(), std::generic_category().message(errno)));
    return Scratch(std::move(name));
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (path_.empty()) return;
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) ::unlink((path_ + suffix).c_str());
  }

  fs::path path() const { return path_; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// One backup, step after step. The database's copy comes first and says which blobs there must be; then come
// the bytes.
//
// A blob that is added meanwhile is of no file of the copy: it may be in the archive or not. One that the
// copy names was on disk before its row was, so the walk over the directory finds it, unless its file is
// deleted and its bytes are collected while the backup runs; they stay for FILE_GRACE_MINUTES, so that takes
// a very long backup. Such a file, which is deleted in the living database, is deleted in the copy too: a
// backup never names bytes that it does not have. What the living database still names, and has no bytes for,
// was lost before, and is only told.
class Backup {
 public:
  Backup(const Settings& settings, const fs::path& file)
      : settings_(settings), file_(file), layout_(settings.data_dir / "blobs") {}

  Result<void> run() {
    IZPO_TRY(archive_, archive::Writer::create(
                           file_, system::SystemClock().now()));  // first: a bad path is said before the work
    IZPO_TRY(Scratch copy, Scratch::beside(file_));
    const fs::path database = copy.path();
    IZPO_CHECK(copy_the_database(database));
    IZPO_CHECK(archive_->add(std::string(backup_format::kAbout), about()));
    IZPO_CHECK(add_all_blobs());
    IZPO_CHECK(see_that_none_is_missing(database));
    IZPO_CHECK(add_database(database));
    IZPO_CHECK(add_key());
    if (is_interrupted()) return failure("interrupted");
    return archive_->finish();
  }

  std::string summary() const {
    return fmt::format("backed up {} and {} files into {} ({})", settings_.database_path().string(), blobs_,
                       file_.string(), size_text(archive_->size()));
  }

 private:
  Result<void> copy_the_database(const fs::path& into) {
    return sqlite::copy_database(settings_.database_path(), into, [this, &into] {
      if (progress_.is_due()) {
        std::error_code error;
        const auto size = fs::file_size(into, error);
        progress_.show(
            fmt::format("database: {} copied", size_text(error ? 0 : static_cast<std::int64_t>(size))));
      }
      return !is_interrupted();
    });
  }

  static std::string about() {
    return boost::json::serialize(boost::json::object{{"format", backup_format::kFormat},
                                                      {"program", "izpochat " IZPO_VERSION},
                                                      {"made_at", iso8601(system::SystemClock().now())}}) +
           "\n";
  }

  Result<void> add_all_blobs() {
    std::vector<std::string> names;
    for (std::string after;; after = names.back()) {
      const auto listed = layout_.names_after(after, kListedAtOnce);
      if (listed.empty()) break;
      names.insert(names.end(), listed.begin(), listed.end());
    }
    for (const std::string& name : names) {
      IZPO_CHECK(add_blob(name));
      if (progress_.is_due()) show_blobs(names.size());
    }
    return {};
  }

  // One that has gone is passed over.
  Result<void> add_blob(const std::string& name) {
    const fs::path path = layout_.blob(name);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) return {};
    if (!file)
      return failure(
          fmt::format("cannot read {}: {}", path.string(), std::generic_category().message(errno)));
    IZPO_CHECK(archive_->add_file(backup_format::blob_member(name), file,
                                  [](std::int64_t) { return !is_interrupted(); }));
    ++blobs_;
    return {};
  }

  void show_blobs(std::size_t all) {
    progress_.show(fmt::format("files: {} of {}, {}", blobs_, all, size_text(archive_->size())));
  }

  Result<void> see_that_none_is_missing(const fs::path& database) {
    if (settings_.gcs_bucket_name) {
      progress_.note(
          fmt::format("files in the bucket {} are not part of the backup", *settings_.gcs_bucket_name));
      return {};
    }
    IZPO_TRY(const auto named, sqlite::blobs_of_files(database));
    std::vector<std::string> missing;
    for (const std::string& name : named) {
      if (!disk::is_blob_name(name)) continue;  // it was never a file here
      if (!archive_->has(backup_format::blob_member(name)))
        IZPO_CHECK(add_blob(name));  // collected and stored again since the walk
      if (!archive_->has(backup_format::blob_member(name))) missing.push_back(name);
    }
    if (missing.empty()) return {};
    IZPO_TRY(const auto living, sqlite::blobs_of_files(settings_.database_path()));
    std::vector<std::string> deleted;
    for (std::string& name : missing) {
      if (std::ranges::binary_search(living, name)) {
        progress_.note(fmt::format("a file has no bytes: {} is missing", layout_.blob(name).string()));
      } else {
        deleted.push_back(std::move(name));
      }
    }
    return sqlite::delete_files_of(database, deleted, system::SystemClock().now());
  }

  Result<void> add_database(const fs::path& database) {
    const Descriptor file(::open(database.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failure(fmt::format("cannot read {}", database.string()));
    return archive_->add_file(std::string(backup_format::kDatabase), file, [this](std::int64_t) {
      if (progress_.is_due())
        progress_.show(fmt::format("database: {} written", size_text(archive_->size())));
      return !is_interrupted();
    });
  }

  Result<void> add_key() {
    if (settings_.secret_key) {
      progress_.note("SECRET_KEY is not part of the backup: keep it with your settings");
      return {};
    }
    auto key = existing_secret_key(settings_.data_dir);
    if (!key) return failure(std::move(key).error());
    return key->empty() ? Result<void>() : archive_->add(std::string(backup_format::kKey), *key + "\n");
  }

  const Settings& settings_;
  const fs::path file_;
  const disk::Layout layout_;
  std::unique_ptr<archive::Writer> archive_;
  Progress progress_;
  std::size_t blobs_ = 0;
};

}  // namespace

int backup(const BackupCommand& command, const Settings& settings) {
  if (settings.uses_postgres())
    return report_failure(
        "backup is for SQLite, and DATABASE_URL names PostgreSQL: docs/operation.md tells its way (pg_dump)");
  const auto has = has_database(settings);
  if (!has) return report_failure(has.error());
  if (!*has) return report_failure(no_database(settings));
  note_interrupts();
  ignore_size_limits();
  Backup backup(settings, command.file);
  if (const auto done = backup.run(); !done) return report_failure(done.error().log_detail);
  fmt::print("{}\n", backup.summary());
  return kDone;
}

}  // namespace izpo::app
