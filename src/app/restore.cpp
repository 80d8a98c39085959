#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/archive/reader.hpp"
#include "adapters/disk/layout.hpp"
#include "adapters/sqlite/server_lock.hpp"
#include "adapters/sqlite/snapshot.hpp"
#include "adapters/sqlite/store.hpp"
#include "adapters/system/clock.hpp"
#include "app/backup_format.hpp"
#include "app/commands.hpp"
#include "app/epoch.hpp"
#include "app/installation.hpp"
#include "app/process.hpp"
#include "app/progress.hpp"
#include "domain/content_digest.hpp"
#include "domain/reasons.hpp"

namespace izpo::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 256UZ * 1024;
constexpr std::size_t kMostText = 4096;  // of a small member: the key, what the backup says of itself

std::unexpected<Error> failure(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

Result<void> remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return failure(fmt::format("cannot remove {}: {}", path.string(), error.message()));
  return {};
}

// The parts of an installation below a directory.
struct Parts {
  fs::path directory;

  fs::path database() const { return directory / backup_format::kDatabase; }
  fs::path key() const { return directory / backup_format::kKey; }
  fs::path blobs() const { return directory / "blobs"; }
};

// What a restore that was killed may have left in the data directory: its staging, and what it had moved out
// of it. It moves when all is unpacked and checked, the blobs first, then the key, and the database last.
std::vector<fs::path> leftovers(const Settings& settings) {
  const Parts staged{unfinished_restore(settings)};
  const Parts placed{settings.data_dir};
  std::error_code error;
  std::vector<fs::path> left;
  if (fs::exists(staged.database(), error) && !fs::exists(staged.blobs(), error)) {
    left.push_back(placed.blobs());
    if (!fs::exists(staged.key(), error)) left.push_back(placed.key());
  }
  left.push_back(staged.directory);  // the last to go: without it the others are anybody's
  return left;
}

// Fails unless there is no database, and in the data directory nothing but what a new file system has, the
// lock, and leftovers.
Result<void> see_that_it_is_empty(const Settings& settings, const fs::path& lock) {
  const fs::path& directory = settings.data_dir;
  const std::vector<fs::path> left = leftovers(settings);
  std::error_code error;
  bool is_empty = !fs::exists(settings.database_path(), error);
  if (error)
    return failure(fmt::format("cannot look for {}: {}", settings.database_path().string(), error.message()));
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    is_empty = is_empty && (path.filename() == "lost+found" || path == lock ||
                            std::ranges::find(left, path) != left.end());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return failure(fmt::format("cannot read {}: {}", directory.string(), error.message()));
  if (is_empty) return {};
  return failure(
      fmt::format("{} is not empty: restore into a new directory, and keep this one until you are sure",
                  directory.string()));
}

// The lock of the database need not be in the data directory.
Result<Descriptor> sole_restore_into(const fs::path& directory) {
  IZPO_TRY(Descriptor opened, disk::open_file(directory, O_RDONLY | O_DIRECTORY));
  if (::flock(opened.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return failure(fmt::format("another restore works in {}", directory.string()));
  return opened;
}

// Where a restored installation is put together, inside the data directory, so that its parts only need to be
// renamed. It goes, with all that is in it, at the end of the scope.
class Staging : public Parts {
 public:
  // Removes what is left of a restore that was killed.
  static Result<Staging> in(const Settings& settings) {
    for (const fs::path& left : leftovers(settings)) IZPO_CHECK(remove_tree(left));
    fs::path path = unfinished_restore(settings);
    if (::mkdir(path.c_str(), S_IRWXU) != 0) return disk::system_failure("cannot make", path);
    Staging staging(std::move(path));
    IZPO_CHECK(disk::sync_directory(settings.data_dir));
    return staging;
  }
  Staging(Staging&& other) noexcept : Parts{std::exchange(other.directory, {})} {}
  Staging& operator=(Staging&&) = delete;
  ~Staging() {
    std::error_code ignored;
    if (!directory.empty()) fs::remove_all(directory, ignored);
  }

 private:
  explicit Staging(fs::path path) : Parts{std::move(path)} {}
};

// One restore. What an archive calls its files is only ever compared with the names that a backup has: no
// path is made of it.
class Restore {
 public:
  Restore(const Settings& settings, fs::path file) : settings_(settings), file_(std::move(file)) {}

  // The data directory is this process's own, and empty but for leftovers. On failure it is empty again.
  Result<void> run() {
    IZPO_TRY(Staging staging, Staging::in(settings_));
    const disk::Layout layout(staging.blobs());
    IZPO_CHECK(layout.make_root());
    IZPO_CHECK(unpack(staging, layout));
    progress_.show("looking at the database");
    IZPO_CHECK(check(staging));
    IZPO_CHECK(begin_lineage(staging));
    if (is_interrupted()) return failure("interrupted");
    return put_in_place(staging);
  }

  std::string summary() const {
    return fmt::format("restored {} and {} files; clients load their history again\n{}",
                       settings_.database_path().string(), blobs_.size(),
                       has_key_ ? "the key that signs logins is that of the backup: they stay good"
                                : "the backup has no key: serve with the SECRET_KEY that it was made with");
  }

 private:
  Result<void> unpack(const Staging& staging, const disk::Layout& layout) {
    IZPO_TRY(archive::Reader reader, archive::Reader::open(file_));
    bool has_about = false;
    bool has_database = false;
    while (true) {
      IZPO_TRY(const auto member, reader.next());
      if (!member) break;
      if (member->name == backup_format::kAbout) {
        IZPO_CHECK(check_about(reader));
        has_about = true;
      } else if (member->name == backup_format::kDatabase) {
        IZPO_CHECK(extract(reader, staging.database()));
        has_database = true;
      } else if (member->name == backup_format::kKey) {
        IZPO_CHECK(extract(reader, staging.key()));
        has_key_ = true;
      } else {
        IZPO_CHECK(extract_blob(reader, member->name, layout));
      }
    }
    if (!has_about || !has_database)
      return failure(fmt::format("{} is no backup of IzpoChat", file_.string()));
    return {};
  }

  Result<void> check_about(archive::Reader& reader) const {
    std::string text(kMostText, '\0');
    IZPO_TRY(const std::size_t size, reader.read(text));
    boost::system::error_code error;
    const boost::json::value about = boost::json::parse(std::string_view(text).substr(0, size), error);
    const boost::json::value* format =
        error || !about.is_object() ? nullptr : about.as_object().if_contains("format");
    if (format == nullptr || !format->is_int64())
      return failure(fmt::format("{} is no backup of IzpoChat", file_.string()));
    if (format->as_int64() <= backup_format::kFormat) return {};
    return failure(fmt::format("{} was made by a newer version: restore it with that one", file_.string()));
  }

  Result<void> extract(archive::Reader& reader, const fs::path& path, ContentDigest* digest = nullptr) {
    IZPO_TRY(const Descriptor file, disk::open_file(path, O_WRONLY | O_CREAT | O_EXCL));
    std::vector<char> piece(kPiece);
    while (true) {
      if (is_interrupted()) return failure("interrupted");
      IZPO_TRY(const std::size_t count, reader.read(piece));
      if (count == 0) break;
      const std::span<const char> bytes = std::span(piece).first(count);
      if (digest != nullptr) digest->add(bytes);
      IZPO_CHECK(disk::write_all(file.number(), bytes, path));
      bytes_ += static_cast<std::int64_t>(count);
      if (progress_.is_due()) progress_.show(fmt::format("{} files, {}", blobs_.size(), size_text(bytes_)));
    }
    if (::fsync(file.number()) != 0) return disk::system_failure("cannot fsync", path);
    return {};
  }

  // A blob is called by its digest, or by its SHA-256 as before, so it also says what it has to be.
  Result<void> extract_blob(archive::Reader& reader, const std::string& member, const disk::Layout& layout) {
    const std::string name = fs::path(member).filename().string();
    if (!disk::is_blob_name(name) || member != backup_format::blob_member(name)) {
      return failure(
          fmt::format("{} is damaged, or no backup: it has a file that no backup has", file_.string()));
    }
    IZPO_CHECK(layout.make_parents(name));
    ContentDigest digest;
    IZPO_CHECK(extract(reader, layout.blob(name), &digest));
    if (name != digest.hex() && name != reader.sum()) {
      return failure(fmt::format("{} is damaged: the file {} is not what it was", file_.string(), name));
    }
    IZPO_CHECK(disk::sync_directory(layout.blob(name).parent_path()));
    blobs_.insert(name);
    return {};
  }

  Result<void> check(const Staging& staging) {
    if (const auto checked = sqlite::check_database(staging.database()); !checked)
      return failure(fmt::format("{}: the database in it does not restore: {}", file_.string(),
                                 checked.error().log_detail));
    if (settings_.gcs_bucket_name) return {};
    IZPO_TRY(const auto named, sqlite::blobs_of_files(staging.database()));
    for (const std::string& name : named) {
      if (disk::is_blob_name(name) && !blobs_.contains(name))
        progress_.note(fmt::format("a file has no bytes: they were lost before the backup ({})", name));
    }
    return {};
  }

  // Brings an older database up to date, too.
  static Result<void> begin_lineage(const Staging& staging) {
    boost::asio::io_context loop(1);  // outlives the store
    IZPO_TRY(const auto store, sqlite::Store::open({.file = staging.database()}));
    IZPO_CHECK(store->migrate(system::SystemClock().now()));
    return begin_new_epoch(loop, store->database());
  }

  Result<void> put_in_place(const Staging& staging) const {
    auto done = move_all(staging);
    if (done) return done;
    const Parts placed{settings_.data_dir};
    std::error_code ignored;
    fs::remove_all(placed.blobs(), ignored);
    fs::remove(placed.key(), ignored);
    return done;
  }

  // The database comes last: with it there is an installation.
  Result<void> move_all(const Staging& staging) const {
    const Parts placed{settings_.data_dir};
    IZPO_CHECK(move(staging.blobs(), placed.blobs()));
    if (has_key_) IZPO_CHECK(move(staging.key(), placed.key()));
    IZPO_CHECK(move(staging.database(), settings_.database_path()));
    return {};
  }

  // Replaces nothing. Copies when the database's file is to be on another file system.
  static Result<void> move(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
      if (errno != EXDEV && errno != EINVAL) return disk::system_failure("cannot make", to);
      IZPO_CHECK(copy(from, to));
    }
    return disk::sync_directory(to.has_parent_path() ? to.parent_path() : fs::path("."));
  }

  // Under another name first: under its own it is whole.
  static Result<void> copy(const fs::path& from, const fs::path& to) {
    const fs::path draft = to.string() + ".restore";
    std::error_code error;
    fs::copy_file(from, draft, fs::copy_options::overwrite_existing, error);
    if (!error) {
      const Descriptor file(::open(draft.c_str(), O_RDONLY | O_CLOEXEC));
      if (!file || ::fsync(file.number()) != 0) error.assign(errno, std::generic_category());
    }
    if (!error && fs::exists(to, error)) error = std::make_error_code(std::errc::file_exists);
    if (!error) fs::rename(draft, to, error);
    if (!error) return {};
    const std::string why = error.message();
    fs::remove(draft, error);
    return failure(fmt::format("cannot make {}: {}", to.string(), why));
  }

  const Settings& settings_;
  const fs::path file_;
  Progress progress_;
  std::set<std::string> blobs_;
  std::int64_t bytes_ = 0;
  bool has_key_ = false;
};

}  // namespace

int restore(const RestoreCommand& command, const Settings& settings) {
  if (settings.uses_postgres())
    return report_failure(
        "restore is for SQLite, and DATABASE_URL names PostgreSQL: docs/operation.md tells its way "
        "(pg_restore)");
  const fs::path lock_file = settings.database_path().string() + ".lock";
  std::error_code error;
  const bool is_new = !fs::exists(settings.data_dir, error);
  const bool was_locked = fs::exists(lock_file, error);
  // Looked at before the lock is taken too: that leaves a file in a directory that may be another program's.
  if (!was_locked) {
    if (const auto empty = see_that_it_is_empty(settings, lock_file); !empty)
      return report_failure(empty.error().log_detail);
  }
  if (const auto made = make_directories(settings); !made) return report_failure(made.error());
  const auto lock = sqlite::ServerLock::take(settings.database_path());
  if (!lock) return report_failure(lock.error().log_detail);
  const auto sole = sole_restore_into(settings.data_dir);
  if (!sole) return report_failure(sole.error().log_detail);
  if (const auto empty = see_that_it_is_empty(settings, lock_file); !empty)
    return report_failure(empty.error().log_detail);

  note_interrupts();
  ignore_size_limits();
  Restore restore(settings, command.file);
  if (const auto done = restore.run(); !done) {
    if (!was_locked) ::unlink(lock_file.c_str());
    if (is_new) ::rmdir(settings.data_dir.c_str());
    return report_failure(done.error().log_detail);
  }
  fmt::print("{}\n", restore.summary());
  return kDone;
}

}  // namespace izpo::app
