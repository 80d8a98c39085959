#pragma once

#include "adapters/postgres/database.hpp"
#include "adapters/sql/message_store.hpp"

namespace izpo::postgres {

class MessageStore final : public sql::MessageStore {
 public:
  explicit MessageStore(Database& database) : sql::MessageStore(database), database_(database) {}

  std::size_t appends_at_once() const override { return Database::kWriters; }

  // When the connection breaks before PostgreSQL has confirmed the commit, messages that carry a client_id
  // are looked for and stored if they are not there; the others fail, and nobody knows whether they are
  // stored.
  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch, Timestamp now) override;

 private:
  Database& database_;
};

}  // namespace izpo::postgres
