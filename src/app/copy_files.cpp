#include "app/copy_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "domain/content_digest.hpp"
#include "domain/reasons.hpp"

namespace izpo::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 256UZ * 1024;

// Every piece of the file, until there is none; no descriptor: there is no such file.
Result<Descriptor> open_blob(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno != ENOENT && errno != ENOTDIR) return disk::system_failure("cannot read", path);
  return file;
}

// Gives every piece of the file to `take`; returns whether all of them are what the blob's name says: its
// digest, or its SHA-256 as before.
template <class Take>
Result<bool> read_all(const std::string& name, const Descriptor& file, const fs::path& path, Take take) {
  ContentDigest digest;
  Sha256 digest_of_before;
  std::vector<char> buffer(kPiece);
  while (true) {
    if (is_interrupted()) return fail(Error(reason::kShuttingDown, "interrupted"));
    const ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk::system_failure("cannot read", path);
    if (count == 0) return name == digest.hex() || name == digest_of_before.hex();
    const std::span piece = std::span(buffer).first(static_cast<std::size_t>(count));
    digest.add(piece);
    digest_of_before.add(piece);
    IZPO_CHECK(take(piece));
  }
}

Result<void> drop(std::span<const char> /*piece*/) {
  return {};
}

}  // namespace

Result<void> FileCopy::run(std::span<const std::string> names) {
  IZPO_CHECK(to_.make_root());
  for (const std::string& name : names) {
    IZPO_CHECK(copy(name));
    if (progress_.is_due())
      progress_.show(fmt::format("files: {} of {}, {}", copied_ + there_, names.size(), size_text(bytes_)));
  }
  return {};
}

Result<bool> FileCopy::is_there(const std::string& name) const {
  const fs::path path = to_.blob(name);
  IZPO_TRY(const Descriptor file, open_blob(path));
  if (!file) return false;
  return read_all(name, file, path, drop);
}

Result<void> FileCopy::copy(const std::string& name) {
  IZPO_TRY(const bool there, is_there(name));
  if (there) {
    ++there_;
    return {};
  }
  const fs::path source = from_.blob(name);
  IZPO_TRY(const Descriptor file, open_blob(source));
  if (!file) {
    progress_.note(fmt::format("a file has no bytes: {} is missing", source.string()));
    return {};
  }
  const fs::path draft = to_.temporary() / "copy";
  IZPO_TRY(const Descriptor out, disk::open_file(draft, O_WRONLY | O_CREAT | O_TRUNC));
  std::int64_t size = 0;
  const auto whole = read_all(name, file, source, [&](std::span<const char> piece) {
    size += std::ssize(piece);
    return disk::write_all(out.number(), piece, draft);
  });
  if (!whole || !*whole) {
    ::unlink(draft.c_str());
    if (!whole) return fail(whole.error());
    progress_.note(fmt::format("a file is damaged, and not copied: {} is not what it was", source.string()));
    return {};
  }
  if (::fsync(out.number()) != 0) return disk::system_failure("cannot fsync", draft);
  IZPO_CHECK(to_.make_parents(name));
  const fs::path target = to_.blob(name);
  if (std::rename(draft.c_str(), target.c_str()) != 0) return disk::system_failure("cannot make", target);
  IZPO_CHECK(disk::sync_directory(target.parent_path()));
  ++copied_;
  bytes_ += size;
  return {};
}

std::string FileCopy::summary() const {
  return fmt::format("{} files ({}){}", copied_, size_text(bytes_),
                     there_ > 0 ? fmt::format(", {} were there", there_) : "");
}

std::vector<std::string> missing_blobs(const fs::path& data_dir, std::span<const std::string> names) {
  const disk::Layout layout(data_dir / "blobs");
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    std::error_code error;
    if (!fs::is_regular_file(layout.blob(name), error)) missing.push_back(name);
  }
  return missing;
}

}  // namespace izpo::app
