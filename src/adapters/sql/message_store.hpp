#pragma once

#include "adapters/sql/database.hpp"
#include "ports/message_store.hpp"

namespace izpo::sql {

// The reading half. Appending is each database's own: see the driver's folder.
class MessageStore : public izpo::MessageStore {
 public:
  explicit MessageStore(Database& database) : database_(database) {}

  Task<Result<std::vector<StoredMessage>>> history(RoomId room, HistoryPage page) final;
  Task<Result<Replay>> replay(RoomId room, Seq after, std::int64_t limit) final;
  Task<Result<Seq>> last_seq(RoomId room) final;
  Task<Result<std::vector<RoomLast>>> last_seqs(std::vector<RoomId> rooms) final;

 private:
  Database& database_;
};

}  // namespace izpo::sql
