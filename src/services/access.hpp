#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/clock.hpp"
#include "ports/file_store.hpp"
#include "ports/live_rooms.hpp"
#include "ports/member_store.hpp"
#include "ports/room_store.hpp"
#include "ports/user_store.hpp"

namespace izpo::services {

// The gates through which every room and every file is reached. Nothing else decides who may see or do what.
class Access {
 public:
  struct Ports {
    UserStore& users;
    RoomStore& rooms;
    MemberStore& members;
    FileStore& files;
    LiveRooms& live;
    const Clock& clock;
  };

  explicit Access(Ports ports) : ports_(ports) {}

  // May `viewer` read the room (its data, members, history, who is online)? A private room is kRoomNotFound
  // to all but its members, as one that does not exist; an id below 1 is kInvalidRoomId.
  Task<Result<RoomStanding>> to_read(std::optional<UserId> viewer, RoomId room);

  // May `user` post in it or open its socket? Makes a member of somebody who is not one yet, as join does.
  // Fails as to_read, and with kRemovedFromRoom.
  Task<Result<Room>> to_take_part(UserId user, RoomId room);

  // Which of `rooms` may `viewer` follow live? Those that it may read and was not removed from, in no order.
  Task<Result<std::vector<RoomStanding>>> to_follow(UserId viewer, std::vector<RoomId> rooms);

  // The user's own wish to be a member; the connected are told. Fails as MemberStore::join.
  Task<Result<JoinOutcome>> join(UserId user, RoomId room);

  // Tells the connected that `user` has just become a member. What cannot be read for it now, they read when
  // they come to it.
  Task<> announce(RoomId room, UserId user);

  // Is `user` its owner? Fails as to_read, and with kNotOwner.
  Task<Result<Room>> to_own(UserId user, RoomId room);

  // May `user` read the file: did they upload it, or was it posted in a room that they may read? Fails with
  // kFileNotFound, as for one that does not exist.
  Task<Result<File>> to_read_file(UserId user, FileId file);

  // Did `user` upload it? Fails as to_read_file, and with kNotUploader.
  Task<Result<File>> to_own_file(UserId user, FileId file);

 private:
  const Ports ports_;
};

}  // namespace izpo::services
