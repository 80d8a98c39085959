#pragma once

#include <cstdint>
#include <optional>

#include "adapters/sql/database.hpp"
#include "domain/ids.hpp"
#include "ports/room_news_store.hpp"

namespace izpo::sql {

// Which process writes to a database that several share.
struct Node {
  std::int64_t id = 0;  // a random one for each; 0: there is no other, and no news is written
};

// Part of the transaction of a change: the other processes will hear of it. Fails as Session::query.
Task<Result<void>> tell_others(Session& session, Node node, RoomId room, std::optional<UserId> user);

class RoomNewsStore final : public izpo::RoomNewsStore {
 public:
  RoomNewsStore(Database& database, Node node) : database_(database), node_(node) {}

  Task<Result<std::vector<RoomNews>>> after(std::int64_t number) override;
  Task<Result<std::int64_t>> last() override;
  Task<Result<void>> purge(std::int64_t number) override;

 private:
  Database& database_;
  const Node node_;
};

}  // namespace izpo::sql
