#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/room.hpp"
#include "ports/page.hpp"

namespace izpo {

struct NewRoom {
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;
  UserId owner;
  Timestamp created_at;
};

struct RoomChange {
  std::optional<std::string> name;
  std::optional<std::optional<std::string>> description;  // an inner nullopt clears it
  std::optional<bool> is_private;
};

struct RoomStanding {
  Room room;
  Standing standing = Standing::kStranger;
};

// Rooms. Safe to call from any loop. Every method may fail with kStorageUnavailable.
class RoomStore {
 public:
  virtual ~RoomStore() = default;

  // The owner becomes a member in the same transaction. Fails with kUserNotFound.
  virtual Task<Result<Room>> create(NewRoom room) = 0;

  // The room and how `viewer` stands to it (kStranger when there is no viewer); nullopt when there is no such
  // room.
  virtual Task<Result<std::optional<RoomStanding>>> find(RoomId id, std::optional<UserId> viewer) = 0;

  // The same of many, in two queries: those that are there, in no order.
  virtual Task<Result<std::vector<RoomStanding>>> find_all(std::vector<RoomId> ids, UserId viewer) = 0;

  virtual Task<Result<std::vector<Room>>> list_public(Page page) = 0;
  virtual Task<Result<std::vector<Room>>> list_of(UserId member, Page page) = 0;

  // Fails with kRoomNotFound.
  virtual Task<Result<Room>> update(RoomId id, RoomChange change, Timestamp now) = 0;

  // Gives the room from `from` to `to`. Fails with kRoomNotFound, kNotOwner (`from` does not own it any
  // more), kMemberNotFound (`to` is not a member).
  virtual Task<Result<Room>> set_owner(RoomId id, UserId from, UserId to, Timestamp now) = 0;

  // Removes the room, its messages and memberships. Fails with kRoomNotFound, kNotOwner.
  virtual Task<Result<void>> remove(RoomId id, UserId owner) = 0;
};

}  // namespace izpo
