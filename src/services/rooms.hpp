#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/clock.hpp"
#include "ports/live_rooms.hpp"
#include "ports/member_store.hpp"
#include "ports/room_store.hpp"
#include "ports/user_store.hpp"
#include "services/access.hpp"

namespace izpo::services {

// A room with the people that its answer shows.
struct RoomView {
  Room room;
  User owner;
  std::vector<User> members;  // at most kMembersShown, the owner and the caller always among them
  std::int64_t member_count = 0;
  bool is_member = false;  // the caller
};

inline constexpr std::int64_t kMembersShown = 100;

struct RoomDraft {
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;
};

// Rooms and who belongs to them. Safe to call from any loop. Every call that names a room fails as
// services/access says.
class Rooms {
 public:
  struct Ports {
    UserStore& users;
    RoomStore& rooms;
    MemberStore& members;
    LiveRooms& live;
    Clock& clock;
    Access& access;
  };

  explicit Rooms(Ports ports) : ports_(ports) {}

  Task<Result<std::vector<RoomView>>> list_public(std::optional<UserId> viewer, Page page);
  Task<Result<std::vector<RoomView>>> list_mine(const Principal& caller, Page page);
  Task<Result<RoomView>> get(const Principal& caller, RoomId room);

  Task<Result<RoomView>> create(const Principal& caller, RoomDraft draft);  // kValidation
  Task<Result<RoomView>> update(const Principal& caller, RoomId room,
                                RoomChange change);                 // kNotOwner, kValidation
  Task<Result<void>> remove(const Principal& caller, RoomId room);  // kNotOwner
  Task<Result<RoomView>> hand_over(const Principal& caller, RoomId room,
                                   UserId to);  // kNotOwner, kMemberNotFound

  Task<Result<JoinOutcome>> join(const Principal& caller, RoomId room);  // kRemovedFromRoom
  Task<Result<void>> leave(const Principal& caller, RoomId room);        // kOwnerCannotLeave, kNotMember

  Task<Result<std::vector<User>>> members(const Principal& caller, RoomId room, Page page);

  // The new member, by id or by name (exactly one is set). Fails with kNotOwner, kUserNotFound.
  Task<Result<User>> add_member(const Principal& caller, RoomId room, std::optional<UserId> user,
                                std::optional<std::string> username);
  // Fails with kNotOwner, kOwnerCannotBeRemoved, kUserNotFound.
  Task<Result<void>> remove_member(const Principal& caller, RoomId room, UserId user);

  // Who has a socket open in the room, by id.
  Task<Result<std::vector<UserCard>>> online(const Principal& caller, RoomId room);

 private:
  Task<Result<std::vector<RoomView>>> views(std::vector<Room> rooms, std::optional<UserId> viewer);
  // The view of a room that was just changed; the connected are told.
  Task<Result<RoomView>> changed(Room room, UserId viewer);
  Task<Result<RoomView>> view(Room room, std::optional<UserId> viewer);

  Ports ports_;
};

}  // namespace izpo::services
