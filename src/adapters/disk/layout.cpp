#include "adapters/disk/layout.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "domain/reasons.hpp"

namespace izpo::disk {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNameLength = 64;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The entries of a directory that `wanted` takes, in order; none when it cannot be read.
template <class Wanted>
std::vector<std::string> entries(const fs::path& directory, Wanted wanted) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (wanted(name)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

Result<void> make_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), S_IRWXU) != 0) {
    if (errno == EEXIST) return {};
    return system_failure("cannot make", directory);
  }
  return sync_directory(directory.parent_path());
}

}  // namespace

std::unexpected<Error> system_failure(std::string_view what, const fs::path& path) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  return fail(
      Error(full ? reason::kStorageFull : reason::kStorageUnavailable,
            std::string(what) + " " + path.string() + ": " + std::generic_category().message(number)));
}

Result<Descriptor> open_file(const fs::path& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return system_failure("cannot open", path);
  return file;
}

Result<void> write_all(int descriptor, std::span<const char> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_failure("cannot write", path);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> sync_directory(const fs::path& directory) {
  IZPO_TRY(const Descriptor opened, open_file(directory, O_RDONLY | O_DIRECTORY));
  if (::fsync(opened.number()) != 0) return system_failure("cannot fsync", directory);
  return {};
}

bool is_blob_name(std::string_view name) {
  return name.size() == kNameLength && is_hex(name);
}

fs::path Layout::blob(std::string_view name) const {
  return root_ / name.substr(0, 2) / name.substr(2, 2) / name;
}

Result<void> Layout::make_root() const {
  IZPO_CHECK(make_directory(root_));
  return make_directory(temporary());
}

Result<void> Layout::make_parents(std::string_view name) const {
  const fs::path parent = blob(name).parent_path();
  std::error_code ignored;
  if (fs::is_directory(parent, ignored)) return {};
  IZPO_CHECK(make_directory(parent.parent_path()));
  return make_directory(parent);
}

void Layout::clear_temporary() const {
  for (const std::string& name : entries(temporary(), [](std::string_view) { return true; })) {
    std::error_code ignored;
    fs::remove(temporary() / name, ignored);
  }
}

std::vector<std::string> Layout::names_after(std::string_view after, std::size_t most) const {
  const auto folder = [](std::string_view least) {
    return [least](std::string_view name) { return name.size() == 2 && is_hex(name) && name >= least; };
  };
  std::vector<std::string> names;
  for (const std::string& first : entries(root_, folder(after.substr(0, 2)))) {
    const bool same = after.starts_with(first);
    for (const std::string& second :
         entries(root_ / first, folder(same && after.size() > 2 ? after.substr(2, 2) : ""))) {
      const auto found = entries(root_ / first / second, [&](std::string_view name) {
        return is_blob_name(name) && name.starts_with(first + second) && name > after;
      });
      names.insert(names.end(), found.begin(), found.end());
      if (names.size() >= most) {
        names.resize(most);
        return names;
      }
    }
  }
  return names;
}

Result<std::optional<Timestamp>> stored_at(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return system_failure("cannot look at", path);
  }
  return from_micros(std::int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1'000);
}

}  // namespace izpo::disk
