#pragma once

#include "adapters/sql/database.hpp"
#include "ports/session_store.hpp"

namespace izpo::sql {

class SessionStore final : public izpo::SessionStore {
 public:
  explicit SessionStore(Database& database) : database_(database) {}

  Task<Result<SessionId>> open(UserId user, std::string password_hash, TokenHash first, Timestamp now,
                               Timestamp expires) override;
  Task<Result<std::optional<User>>> find(SessionId session) override;
  Task<Result<Principal>> rotate(TokenHash presented, TokenHash next, Timestamp now,
                                 Timestamp expires) override;
  Task<Result<void>> end(SessionId session, Timestamp now) override;
  Task<Result<std::vector<EndedSession>>> ended_since(Timestamp since) override;
  Task<Result<std::int64_t>> purge(Timestamp before) override;

 private:
  Database& database_;
};

}  // namespace izpo::sql
