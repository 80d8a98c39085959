#include "adapters/archive/writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "domain/reasons.hpp"

namespace izpo::archive {
namespace {

constexpr std::size_t kPiece = 256UZ * 1024;

// The kernel is asked to begin writing each so many bytes: at the end there is little left to fsync, for
// which a server beside this would have to wait with its own.
constexpr std::int64_t kFlushEvery = std::int64_t{4} << 20;

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(
      Error(full ? reason::kStorageFull : reason::kStorageUnavailable,
            fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(error))));
}

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.number()) != 0) return cannot("fsync", folder, errno);
  return {};
}

}  // namespace

void Writer::Free::operator()(struct archive* archive) const {
  archive_write_fail(archive);  // no end is written of what was not finished
  archive_write_free(archive);
}

Result<std::unique_ptr<Writer>> Writer::create(std::filesystem::path file, Timestamp now) {
  struct stat status{};
  if (::lstat(file.c_str(), &status) == 0) return cannot("make", file, EEXIST);
  std::string draft = file.string() + ".XXXXXX";
  Descriptor descriptor(::mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
  if (!descriptor) return cannot("make", file, errno);
  std::unique_ptr<Writer> writer(new Writer(std::move(file), std::move(draft), std::move(descriptor), now));
  if (archive_write_open_fd(writer->archive_.get(), writer->descriptor_.number()) != ARCHIVE_OK)
    return writer->failure();
  return writer;
}

Writer::Writer(std::filesystem::path file, std::filesystem::path draft, Descriptor descriptor, Timestamp now)
    : file_(std::move(file)),
      draft_(std::move(draft)),
      descriptor_(std::move(descriptor)),
      now_(now),
      archive_(archive_write_new()) {
  if (!archive_) throw std::bad_alloc();
  archive_write_set_format_pax_restricted(archive_.get());
  archive_write_add_filter_none(archive_.get());
  archive_write_set_bytes_in_last_block(archive_.get(), 1);
}

Writer::~Writer() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

std::unexpected<Error> Writer::failure() const {
  return cannot("write", file_, archive_errno(archive_.get()));
}

Result<void> Writer::begin(const std::string& name, std::int64_t size) {
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), S_IRUSR | S_IWUSR);
  archive_entry_set_size(entry.get(), size);
  archive_entry_set_mtime(entry.get(), static_cast<time_t>(to_micros(now_) / 1'000'000), 0);
  if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK) return failure();
  return {};
}

Result<void> Writer::write(std::string_view bytes) {
  if (bytes.empty()) return {};
  const la_ssize_t written = archive_write_data(archive_.get(), bytes.data(), bytes.size());
  if (written != std::ssize(bytes)) return failure();
  size_ += written;
  if (size_ - flushed_ >= kFlushEvery) {
    // A hint: what it cannot do, fsync does. 0 bytes: to the end.
    (void)::sync_file_range(descriptor_.number(), flushed_, 0, SYNC_FILE_RANGE_WRITE);
    flushed_ = size_;
  }
  return {};
}

Result<void> Writer::add(const std::string& name, std::string_view bytes) {
  IZPO_CHECK(begin(name, std::ssize(bytes)));
  IZPO_CHECK(write(bytes));
  Sha256 digest;
  digest.add(bytes);
  sums_[name] = digest.hex();
  return {};
}

Result<void> Writer::add_file(const std::string& name, const Descriptor& file, const GoesOn& goes_on) {
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return cannot("look at", name, errno);
  IZPO_CHECK(begin(name, status.st_size));
  Sha256 digest;
  std::vector<char> piece(kPiece);
  for (std::int64_t at = 0; at < status.st_size;) {
    const std::size_t wanted =
        std::min<std::size_t>(piece.size(), static_cast<std::size_t>(status.st_size - at));
    const ssize_t count = ::pread(file.number(), piece.data(), wanted, at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return cannot("read", name, count < 0 ? errno : ESTALE);
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
    digest.add(bytes);
    IZPO_CHECK(write(bytes));
    at += count;
    if (!goes_on(count)) return fail(Error(reason::kShuttingDown, "interrupted"));
  }
  sums_[name] = digest.hex();
  return {};
}

Result<void> Writer::finish() {
  std::string lines;
  for (const auto& [name, sum] : sums_) lines += fmt::format("{}  {}\n", sum, name);
  IZPO_CHECK(add(std::string(kSums), lines));
  if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failure();
  if (::fsync(descriptor_.number()) != 0) return cannot("write", file_, errno);
  if (::renameat2(AT_FDCWD, draft_.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE) != 0) {
    // Not every file system knows that; a link does not replace either.
    if (errno != EINVAL) return cannot("make", file_, errno);
    if (::link(draft_.c_str(), file_.c_str()) != 0) return cannot("make", file_, errno);
    ::unlink(draft_.c_str());
  }
  draft_.clear();
  return sync_folder(folder_of(file_));
}

}  // namespace izpo::archive
