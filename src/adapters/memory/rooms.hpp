#pragma once

#include "adapters/memory/data.hpp"
#include "ports/member_store.hpp"
#include "ports/room_store.hpp"

namespace izpo::memory {

class RoomStore final : public izpo::RoomStore {
 public:
  explicit RoomStore(Data& data) : data_(data) {}

  Task<Result<Room>> create(NewRoom room) override;
  Task<Result<std::optional<RoomStanding>>> find(RoomId id, std::optional<UserId> viewer) override;
  Task<Result<std::vector<RoomStanding>>> find_all(std::vector<RoomId> ids, UserId viewer) override;
  Task<Result<std::vector<Room>>> list_public(Page page) override;
  Task<Result<std::vector<Room>>> list_of(UserId member, Page page) override;
  Task<Result<Room>> update(RoomId id, RoomChange change, Timestamp now) override;
  Task<Result<Room>> set_owner(RoomId id, UserId from, UserId to, Timestamp now) override;
  Task<Result<void>> remove(RoomId id, UserId owner) override;

 private:
  Data& data_;
};

class MemberStore final : public izpo::MemberStore {
 public:
  explicit MemberStore(Data& data) : data_(data) {}

  Task<Result<JoinOutcome>> join(RoomId room, UserId user, Timestamp now) override;
  Task<Result<JoinOutcome>> add(RoomId room, UserId user, Timestamp now) override;
  Task<Result<void>> leave(RoomId room, UserId user) override;
  Task<Result<void>> remove(RoomId room, UserId user, Timestamp now) override;
  Task<Result<std::vector<User>>> list(RoomId room, Page page) override;
  Task<Result<std::vector<UserId>>> ids(RoomId room) override;
  Task<Result<std::vector<MemberPreview>>> preview(std::vector<RoomId> rooms, std::optional<UserId> viewer,
                                                   std::int64_t at_most) override;

 private:
  MemberPreview preview_of(const RoomRow& row, std::optional<UserId> viewer, std::size_t at_most) const;

  Data& data_;
};

// How `user` stands to the room of `row`.
Standing standing_of(const RoomRow& row, UserId user);

}  // namespace izpo::memory
