#pragma once

#include "adapters/memory/data.hpp"
#include "ports/session_store.hpp"
#include "ports/user_store.hpp"

namespace izpo::memory {

class UserStore final : public izpo::UserStore {
 public:
  explicit UserStore(Data& data) : data_(data) {}

  Task<Result<User>> create(NewUser user) override;
  Task<Result<std::optional<User>>> find(UserId id) override;
  Task<Result<std::optional<User>>> find_by_username(std::string folded_username) override;
  Task<Result<std::optional<Credentials>>> find_credentials(std::string login) override;
  Task<Result<std::optional<Credentials>>> find_credentials(UserId id) override;
  Task<Result<std::vector<User>>> list(Page page) override;
  Task<Result<User>> update(UserId id, UserChange change, Timestamp now) override;
  Task<Result<void>> set_password(UserId id, std::string hash, std::optional<std::string> expected,
                                  std::optional<SessionId> keep, Timestamp now) override;
  Task<Result<void>> rehash_password(UserId id, std::string hash, std::string expected) override;
  Task<Result<User>> set_active(UserId id, bool active, Timestamp now) override;

 private:
  // Fails when somebody other than `self` has one of the keys.
  Result<void> check_free(std::optional<UserId> self, const std::optional<UsernameKeys>& keys,
                          const std::optional<std::string>& email_key) const;

  Data& data_;
};

class SessionStore final : public izpo::SessionStore {
 public:
  explicit SessionStore(Data& data) : data_(data) {}

  Task<Result<SessionId>> open(UserId user, std::string password_hash, TokenHash first, Timestamp now,
                               Timestamp expires) override;
  Task<Result<std::optional<User>>> find(SessionId session) override;
  Task<Result<Principal>> rotate(TokenHash presented, TokenHash next, Timestamp now,
                                 Timestamp expires) override;
  Task<Result<void>> end(SessionId session, Timestamp now) override;
  Task<Result<std::vector<EndedSession>>> ended_since(Timestamp since) override;
  Task<Result<std::int64_t>> purge(Timestamp before) override;

 private:
  Data& data_;
};

}  // namespace izpo::memory
