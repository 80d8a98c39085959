#pragma once

#include "adapters/sql/message_store.hpp"
#include "adapters/sqlite/database.hpp"

namespace izpo::sqlite {

class MessageStore final : public sql::MessageStore {
 public:
  explicit MessageStore(Database& database) : sql::MessageStore(database), database_(database) {}

  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch, Timestamp now) override;

 private:
  Database& database_;
};

}  // namespace izpo::sqlite
