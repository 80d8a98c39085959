#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/room.hpp"
#include "domain/user.hpp"
#include "ports/page.hpp"

namespace izpo {

struct MemberPreview {
  std::vector<User>
      members;             // by id, cut at the asked number; the owner and the viewer are always among them
  std::int64_t count = 0;  // of all members
  bool viewer_is_member = false;
};

enum class JoinOutcome : std::uint8_t { kJoined, kAlreadyMember };

// Who belongs to which room. Safe to call from any loop. Every method may fail with kStorageUnavailable.
class MemberStore {
 public:
  virtual ~MemberStore() = default;

  // The user's own wish. Fails with kRoomNotFound (no such room, or a private one and the user is not a
  // member) and kRemovedFromRoom. A join and a leave at once end in one of the two states, never between.
  virtual Task<Result<JoinOutcome>> join(RoomId room, UserId user, Timestamp now) = 0;

  // The owner's wish: also lifts an earlier removal. Fails with kRoomNotFound, kUserNotFound.
  virtual Task<Result<JoinOutcome>> add(RoomId room, UserId user, Timestamp now) = 0;

  // Fails with kRoomNotFound, kOwnerCannotLeave, kNotMember.
  virtual Task<Result<void>> leave(RoomId room, UserId user) = 0;

  // The owner's wish: the user stays out until added again, also when they were no member of a public room.
  // Fails with kRoomNotFound, kUserNotFound, kOwnerCannotBeRemoved.
  virtual Task<Result<void>> remove(RoomId room, UserId user, Timestamp now) = 0;

  virtual Task<Result<std::vector<User>>> list(RoomId room, Page page) = 0;

  // Of every member, in order.
  virtual Task<Result<std::vector<UserId>>> ids(RoomId room) = 0;

  // One preview for each of `rooms`, in their order (empty for a room that is gone), in a bounded number of
  // queries.
  virtual Task<Result<std::vector<MemberPreview>>> preview(std::vector<RoomId> rooms,
                                                           std::optional<UserId> viewer,
                                                           std::int64_t at_most) = 0;
};

}  // namespace izpo
