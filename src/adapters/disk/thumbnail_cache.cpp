#include "adapters/disk/thumbnail_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/disk/layout.hpp"
#include "base/descriptor.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"
#include "ports/file_links.hpp"

namespace izpo::disk {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kMostWaiting = 512;
constexpr std::array kSides{kThumbnailSide, kPreviewSide};

// FNV-1a (draft-eastlake-fnv), folded to one byte: only spreads the files over the folders.
unsigned shard_of(std::string_view blob) {
  std::uint32_t hash = 2166136261U;
  for (const char c : blob) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return (hash ^ hash >> 8U ^ hash >> 16U ^ hash >> 24U) % izpo::ThumbnailCache::kShards;
}

std::string shard_name(unsigned shard) {
  return fmt::format("{:02x}", shard);
}

// The blob of a file's name, as path_of made it; nullopt: another file.
std::optional<std::string> blob_of(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || !name.ends_with(".webp")) return std::nullopt;
  std::string blob;
  for (std::size_t at = 0; at < dash; ++at) {
    if (name[at] != '%') {
      blob += name[at];
      continue;
    }
    unsigned code = 0;
    const char* const digits = name.data() + at + 1;
    if (at + 2 >= dash || std::from_chars(digits, digits + 2, code, 16).ptr != digits + 2)
      return std::nullopt;
    blob += static_cast<char>(code);
    at += 2;
  }
  return blob;
}

std::unexpected<Error> unavailable(std::string_view what, const fs::path& path,
                                   const std::error_code& error) {
  return fail(Error(reason::kStorageUnavailable,
                    fmt::format("cannot {} {}: {}", what, path.string(), error.message())));
}

}  // namespace

ThumbnailCache::ThumbnailCache(fs::path directory, Random& random)
    : directory_(std::move(directory)),
      random_(random),
      pool_(kThreads, kMostWaiting,
            {.full = reason::kOverloaded, .stopping = reason::kShuttingDown, .failed = reason::kInternal}) {}

Result<std::unique_ptr<ThumbnailCache>> ThumbnailCache::open(fs::path directory, Random& random) {
  std::error_code error;
  fs::remove_all(directory / "tmp", error);
  fs::create_directories(directory / "tmp", error);
  for (unsigned shard = 0; shard < kShards && !error; ++shard) {
    fs::create_directory(directory / shard_name(shard), error);
  }
  if (error) return unavailable("make the folders of", directory, error);
  return std::unique_ptr<ThumbnailCache>(new ThumbnailCache(std::move(directory), random));
}

fs::path ThumbnailCache::folder_of(const std::string& blob) const {
  return directory_ / shard_name(shard_of(blob));
}

fs::path ThumbnailCache::path_of(const std::string& blob, int side) const {
  return folder_of(blob) / fmt::format("{}-{}.webp", percent_encoded(blob), side);
}

Task<Result<std::optional<std::string>>> ThumbnailCache::find(std::string blob, int side) {
  co_return co_await pool_.run([this, &blob, side]() -> Result<std::optional<std::string>> {
    const auto path = path_of(blob, side);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::nullopt;
    struct stat status{};
    if (!file || ::fstat(file.number(), &status) != 0) return system_failure("cannot open", path);
    std::string webp(static_cast<std::size_t>(status.st_size), '\0');
    const ssize_t count = ::pread(file.number(), webp.data(), webp.size(), 0);
    if (count < 0) return system_failure("cannot read", path);
    webp.resize(static_cast<std::size_t>(count));
    return webp;
  });
}

Task<Result<void>> ThumbnailCache::keep(std::string blob, int side, std::string webp) {
  co_return co_await pool_.run([this, &blob, side, &webp]() -> Result<void> {
    std::array<unsigned char, 16> bytes{};
    random_.fill(bytes);
    const auto beside = temporary() / to_hex(bytes);
    const auto target = path_of(blob, side);
    const auto written = [&]() -> Result<void> {
      IZPO_TRY(const Descriptor file, open_file(beside, O_WRONLY | O_CREAT | O_EXCL));
      IZPO_CHECK(write_all(file.number(), webp, beside));
      if (::rename(beside.c_str(), target.c_str()) != 0) return system_failure("cannot rename to", target);
      return {};
    }();
    std::error_code ignored;
    if (!written) fs::remove(beside, ignored);
    return written;
  });
}

Task<Result<std::vector<std::string>>> ThumbnailCache::blobs(unsigned shard) {
  co_return co_await pool_.run([this, shard]() -> Result<std::vector<std::string>> {
    std::vector<std::string> found;
    const auto folder = directory_ / shard_name(shard);
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      if (auto blob = blob_of(entry->path().filename().native())) found.push_back(*std::move(blob));
    }
    if (error) return unavailable("list", folder, error);
    return found;
  });
}

Task<Result<void>> ThumbnailCache::remove(std::string blob) {
  co_return co_await pool_.run([this, &blob]() -> Result<void> {
    for (const int side : kSides) {
      const auto path = path_of(blob, side);
      if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("cannot remove", path);
    }
    return {};
  });
}

}  // namespace izpo::disk
