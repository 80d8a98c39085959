#pragma once

#include "adapters/sql/database.hpp"
#include "adapters/sql/room_news.hpp"
#include "ports/member_store.hpp"

namespace izpo::sql {

class MemberStore final : public izpo::MemberStore {
 public:
  explicit MemberStore(Database& database, Node node = {}) : database_(database), node_(node) {}

  Task<Result<JoinOutcome>> join(RoomId room, UserId user, Timestamp now) override;
  Task<Result<JoinOutcome>> add(RoomId room, UserId user, Timestamp now) override;
  Task<Result<void>> leave(RoomId room, UserId user) override;
  Task<Result<void>> remove(RoomId room, UserId user, Timestamp now) override;
  Task<Result<std::vector<User>>> list(RoomId room, Page page) override;
  Task<Result<std::vector<UserId>>> ids(RoomId room) override;
  Task<Result<std::vector<MemberPreview>>> preview(std::vector<RoomId> rooms, std::optional<UserId> viewer,
                                                   std::int64_t at_most) override;

 private:
  Database& database_;
  const Node node_;
};

}  // namespace izpo::sql
