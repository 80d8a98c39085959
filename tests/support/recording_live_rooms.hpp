#pragma once

#include <vector>

#include "ports/live_rooms.hpp"

namespace izpo::testing {

// Rooms in which `connected` are online; remembers what was told, in order.
class RecordingLiveRooms final : public LiveRooms {
 public:
  struct Member {
    RoomId room;
    UserId user;
    friend bool operator==(const Member&, const Member&) = default;
  };

  void close_member(RoomId room, UserId user) override { closed_members.push_back({room, user}); }
  void member_added(RoomId room, const std::optional<OwnedRoom>& /*shown*/, const User& member) override {
    added_members.push_back({room, member.id});
  }
  void room_changed(const OwnedRoom& room, const std::vector<UserId>& /*members*/) override {
    changed_rooms.push_back(room.room.id);
  }
  void close_room(RoomId room, const std::vector<UserId>& /*members*/) override {
    closed_rooms.push_back(room);
  }
  void close_session(SessionId session) override { closed_sessions.push_back(session); }
  bool concerned(RoomId /*room*/, std::optional<UserId> /*user*/) override { return concerns; }
  std::vector<UserCard> online(RoomId /*room*/) override { return connected; }

  bool concerns = true;
  std::vector<UserCard> connected;
  std::vector<Member> added_members;
  std::vector<Member> closed_members;
  std::vector<RoomId> changed_rooms;
  std::vector<RoomId> closed_rooms;
  std::vector<SessionId> closed_sessions;
};

}  // namespace izpo::testing
