#include "app/secret_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "app/setting_types.hpp"
#include "base/descriptor.hpp"

namespace izpo::app {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyDigits = 2 * kKeyBytes;

std::string failure(const std::filesystem::path& file, std::string_view what, int error) {
  return fmt::format("cannot {} {}: {}", what, file.string(), std::generic_category().message(error));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string new_key(Random& random) {
  std::array<unsigned char, kKeyBytes> bytes{};
  random.fill(bytes);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

// Empty: there is no such file.
std::expected<std::string, std::string> read_key(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!opened) {
    if (errno == ENOENT) return std::string();
    return std::unexpected(failure(file, "read", errno));
  }
  struct stat status{};
  if (::fstat(opened.number(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0 &&
      ::fchmod(opened.number(), S_IRUSR | S_IWUSR) != 0) {
    return std::unexpected(fmt::format("{} can be read by others; set its mode to 0600", file.string()));
  }
  std::array<char, kKeyDigits + 2> text{};
  const ssize_t size = ::read(opened.number(), text.data(), text.size());
  if (size < 0) return std::unexpected(failure(file, "read", errno));
  const std::string_view key = trimmed({text.data(), static_cast<std::size_t>(size)});
  if (key.size() != kKeyDigits) {
    return std::unexpected(fmt::format(
        "{} is damaged; bring it back from a backup, or remove it to get a new key (every access token ends)",
        file.string()));
  }
  return std::string(key);
}

bool sync_directory(const std::filesystem::path& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened && ::fsync(opened.number()) == 0;
}

// Written whole under a name of its own first, then linked: nobody ever sees half a key, and the first link
// wins.
std::expected<void, std::string> store_key(const std::filesystem::path& file, const std::string& key) {
  std::string draft = file.string() + ".XXXXXX";
  {
    const Descriptor opened(::mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
    if (!opened) return std::unexpected(failure(file, "make", errno));
    const bool written = write_all(opened.number(), key + "\n") && ::fsync(opened.number()) == 0;
    const int error = errno;
    if (!written) {
      ::unlink(draft.c_str());
      return std::unexpected(failure(file, "write", error));
    }
  }
  const bool linked = ::link(draft.c_str(), file.c_str()) == 0;
  const int error = errno;
  ::unlink(draft.c_str());
  if (!linked && error != EEXIST) return std::unexpected(failure(file, "make", error));
  if (!sync_directory(file.parent_path())) return std::unexpected(failure(file, "write", errno));
  return {};
}

std::filesystem::path key_file(const std::filesystem::path& directory) {
  return directory / "secret.key";
}

}  // namespace

std::expected<std::string, std::string> existing_secret_key(const std::filesystem::path& directory) {
  return read_key(key_file(directory));
}

std::expected<std::string, std::string> kept_secret_key(const std::filesystem::path& directory,
                                                        Random& random) {
  const std::filesystem::path file = key_file(directory);
  auto key = read_key(file);
  if (!key || !key->empty()) return key;
  if (auto made = store_key(file, new_key(random)); !made) return std::unexpected(std::move(made).error());
  key = read_key(file);
  if (key && key->empty()) return std::unexpected(failure(file, "read", ENOENT));
  return key;
}

std::expected<void, std::string> keep_secret_key(const std::filesystem::path& directory,
                                                 const std::string& key) {
  const std::filesystem::path file = key_file(directory);
  auto kept = read_key(file);
  if (kept && kept->empty()) {
    if (auto stored = store_key(file, key); !stored) return stored;
    kept = read_key(file);
  }
  if (!kept) return std::unexpected(std::move(kept).error());
  if (*kept == key) return {};
  return std::unexpected(
      fmt::format("{} is there already and is another key: choose another directory", file.string()));
}

}  // namespace izpo::app
