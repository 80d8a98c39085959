#include "adapters/sqlite/server_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "domain/reasons.hpp"

namespace izpo::sqlite {
namespace {

Error cannot(std::string_view what, const std::string& file, int error) {
  return {reason::kStorageUnavailable,
          fmt::format("cannot {} {}: {}", what, file, std::generic_category().message(error))};
}

// The process that wrote its number into the file, or "unknown".
std::string holder_of(int descriptor) {
  std::array<char, 20> digits{};
  const ssize_t length = ::pread(descriptor, digits.data(), digits.size(), 0);
  return length > 0 ? std::string(digits.data(), static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

Result<ServerLock> ServerLock::take(const std::filesystem::path& database, std::string_view advice) {
  const std::string file = database.string() + ".lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(cannot("open", file, errno));
  ServerLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(cannot("lock", file, errno));
    return fail(
        Error(reason::kStorageUnavailable, fmt::format("another server already serves {} (process {}): {}",
                                                       database.string(), holder_of(descriptor), advice)));
  }
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, process.data(), process.size(), 0) != static_cast<ssize_t>(process.size())) {
    return fail(cannot("write", file, errno));
  }
  return lock;
}

ServerLock::~ServerLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace izpo::sqlite
