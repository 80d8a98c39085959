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

namespace izpo::app {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyDigits = 2 * kKeyBytes;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

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
  if (!opened.is_open()) {
    if (errno == ENOENT) return std::string();
    return std::unexpected(failure(file, "read", errno));
  }
  struct stat status{};
  if (::fstat(opened.get(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0 &&
      ::fchmod(opened.get(), S_IRUSR | S_IWUSR) != 0) {
    return std::unexpected(fmt::format("{} can be read by others; set its mode to 0600", file.string()));
  }
  std::array<char, kKeyDigits + 2> text{};
  const ssize_t size = ::read(opened.get(), text.data(), text.size());
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
  return opened.is_open() && ::fsync(opened.get()) == 0;
}

// Written whole under a name of its own first, then linked: nobody ever sees half a key, and the first link
// wins.
std::expected<void, std::string> make_key(const std::filesystem::path& file, Random& random) {
  std::string draft = file.string() + ".XXXXXX";
  {
    const Descriptor opened(::mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
    if (!opened.is_open()) return std::unexpected(failure(file, "make", errno));
    const bool written = write_all(opened.get(), new_key(random) + "\n") && ::fsync(opened.get()) == 0;
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

}  // namespace

std::expected<std::string, std::string> kept_secret_key(const std::filesystem::path& directory,
                                                        Random& random) {
  const std::filesystem::path file = directory / "secret.key";
  auto key = read_key(file);
  if (!key || !key->empty()) return key;
  if (auto made = make_key(file, random); !made) return std::unexpected(std::move(made).error());
  key = read_key(file);
  if (key && key->empty()) return std::unexpected(failure(file, "read", ENOENT));
  return key;
}

}  // namespace izpo::app
