#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace izpo::sqlite {

// Says that one server, and no second one, serves a database: two would each number the messages of a room
// and neither would show the other's. Commands that end soon do not take it. The kernel lets go of it when
// the process ends, however it ends.
class ServerLock {
 public:
  // Takes the lock in `<database>.lock`, and leaves that file behind. Fails at once with kStorageUnavailable;
  // the error's detail is a line for the operator that names the process, and ends with `advice`.
  static Result<ServerLock> take(const std::filesystem::path& database,
                                 std::string_view advice = "stop it, or give this one its own DATA_DIR");

  ServerLock(ServerLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ServerLock& operator=(ServerLock&&) = delete;
  ~ServerLock();

 private:
  explicit ServerLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace izpo::sqlite
