#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/ids.hpp"

namespace izpo {

// Another process on this database committed a change.
struct RoomNews {
  std::int64_t number = 0;
  RoomId room;
  std::optional<UserId> user;  // how this one stands to the room; nullopt: the room itself, or it is gone
};

// What processes on one database tell each other of rooms. The stores of rooms and of members write it, in
// the transaction of the change. A number is drawn before its transaction commits: a lower one may show
// itself after a higher one. Safe to call from any loop. Every method may fail with kStorageUnavailable.
class RoomNewsStore {
 public:
  virtual ~RoomNewsStore() = default;

  // News above `number` that other processes wrote, ascending.
  virtual Task<Result<std::vector<RoomNews>>> after(std::int64_t number) = 0;

  // The highest number there is, whoever wrote it; 0 when there is none.
  virtual Task<Result<std::int64_t>> last() = 0;

  // Forgets everything up to `number`, whoever wrote it.
  virtual Task<Result<void>> purge(std::int64_t number) = 0;
};

}  // namespace izpo
