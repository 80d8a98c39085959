#include "adapters/disk/blob_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "domain/reasons.hpp"

namespace izpo::disk {

namespace {

// The kernel is asked to begin writing each so many bytes, so that the fsync at the end finds little to do
// and other files' fsyncs do not wait behind it.
constexpr std::int64_t kFlushEvery = std::int64_t{4} << 20;

timespec to_timespec(Timestamp time) {
  const std::int64_t micros = to_micros(time);
  return {.tv_sec = micros / 1'000'000, .tv_nsec = micros % 1'000'000 * 1'000};
}

// Whether the byte is in the page cache; a file system that cannot say so says no.
bool is_cached(int descriptor, std::int64_t offset) {
  char byte = 0;
  iovec into{&byte, 1};
  return ::preadv2(descriptor, &into, 1, offset, RWF_NOWAIT) >= 0;
}

// Of what is ready in one go: then it is another file's turn on the thread.
constexpr std::int64_t kMostAtOnce = std::int64_t{4} << 20;

}  // namespace

FileWriter::FileWriter(Shared& shared, std::filesystem::path path, Descriptor file)
    : shared_(shared), path_(std::move(path)), file_(std::move(file)) {}

FileWriter::~FileWriter() {
  if (!file_) return;
  // Giving back the pages of a large file takes milliseconds: not on a loop.
  shared_.pool.submit([path = path_, file = std::move(file_)](std::optional<Reason>) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  });
}

Task<Result<void>> FileWriter::write(std::span<const char> bytes) {
  co_return co_await shared_.pool.run([this, bytes] { return append(bytes); });
}

Task<Result<void>> FileWriter::write_on(std::span<const char> bytes, ReadyBytes& more) {
  co_return co_await shared_.pool.run([this, bytes, &more]() -> Result<void> {
    const std::int64_t most = size_ + kMostAtOnce;
    for (std::span<const char> piece = bytes; !piece.empty(); piece = more.next()) {
      IZPO_CHECK(append(piece));
      if (size_ >= most) break;
    }
    return {};
  });
}

Result<void> FileWriter::append(std::span<const char> bytes) {
  digest_.add(bytes);
  IZPO_CHECK(write_all(file_.number(), bytes, path_));
  size_ += std::ssize(bytes);
  if (size_ - flushed_ >= kFlushEvery) {
    // A hint: what it cannot do, fsync does.
    (void)::sync_file_range(file_.number(), flushed_, size_ - flushed_, SYNC_FILE_RANGE_WRITE);
    flushed_ = size_;
  }
  return {};
}

Task<Result<StoredBlob>> FileWriter::finish() {
  co_return co_await shared_.pool.run([this] { return publish(); });
}

Result<StoredBlob> FileWriter::publish() {
  const std::string name = digest_.hex();
  const std::filesystem::path target = shared_.layout.blob(name);
  const timespec now = to_timespec(shared_.clock.now());
  const std::array<timespec, 2> times{now, now};

  if (::futimens(file_.number(), times.data()) != 0 || ::fsync(file_.number()) != 0)
    return system_failure("cannot fsync", path_);
  {
    const std::scoped_lock lock(shared_.names);
    // Over an equal blob too: the directory's fsync then covers both, and the time is that of the last one.
    IZPO_CHECK(shared_.layout.make_parents(name));
    if (::rename(path_.c_str(), target.c_str()) != 0) return system_failure("cannot rename to", target);
  }
  file_ = Descriptor();
  IZPO_CHECK(sync_directory(target.parent_path()));
  return StoredBlob{.name = name, .size = size_, .digest = name};
}

Result<void> FileReader::read_small(int flags) {
  if (size_ > kSmall) return {};
  whole_.resize(static_cast<std::size_t>(size_));
  iovec into{whole_.data(), whole_.size()};
  const ssize_t count = ::preadv2(file_.number(), &into, 1, 0, flags);
  if (count != size_) return system_failure("cannot read", "a blob");
  return {};
}

Task<Result<std::size_t>> FileReader::read(std::int64_t offset, std::span<char> buffer) {
  co_return co_await shared_.pool.run([this, offset, buffer]() -> Result<std::size_t> {
    const ssize_t count = ::pread(file_.number(), buffer.data(), buffer.size(), offset);
    if (count < 0) return system_failure("cannot read", "a blob");
    return static_cast<std::size_t>(count);
  });
}

Task<Result<void>> FileReader::prepare(std::int64_t offset, std::int64_t length) {
  const std::int64_t last = std::min(offset + length, size_) - 1;
  if (last < offset || (is_cached(file_.number(), offset) && is_cached(file_.number(), last)))
    co_return Result<void>{};
  co_return co_await shared_.pool.run([this, offset, last]() -> Result<void> {
    std::array<char, 64UZ * 1024> scratch;
    for (std::int64_t at = offset; at <= last;) {
      const ssize_t count = ::pread(file_.number(), scratch.data(), scratch.size(), at);
      if (count < 0) return system_failure("cannot read", "a blob");
      if (count == 0) break;
      at += count;
    }
    return {};
  });
}

}  // namespace izpo::disk
