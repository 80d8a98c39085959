#pragma once

#include "adapters/sql/database.hpp"
#include "adapters/sql/room_news.hpp"
#include "ports/room_store.hpp"

namespace izpo::sql {

class RoomStore final : public izpo::RoomStore {
 public:
  explicit RoomStore(Database& database, Node node = {}) : database_(database), node_(node) {}

  Task<Result<Room>> create(NewRoom room) override;
  Task<Result<std::optional<RoomStanding>>> find(RoomId id, std::optional<UserId> viewer) override;
  Task<Result<std::vector<RoomStanding>>> find_all(std::vector<RoomId> ids, UserId viewer) override;
  Task<Result<std::vector<Room>>> list_public(Page page) override;
  Task<Result<std::vector<Room>>> list_of(UserId member, Page page) override;
  Task<Result<Room>> update(RoomId id, RoomChange change, Timestamp now) override;
  Task<Result<Room>> set_owner(RoomId id, UserId from, UserId to, Timestamp now) override;
  Task<Result<void>> remove(RoomId id, UserId owner) override;

 private:
  // Deletes some of what removed rooms have left behind; false when there is nothing more.
  Task<Result<bool>> clear_some();

  Database& database_;
  const Node node_;
};

}  // namespace izpo::sql
