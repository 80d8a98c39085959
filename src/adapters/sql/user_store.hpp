#pragma once

#include "adapters/sql/database.hpp"
#include "ports/user_store.hpp"

namespace izpo::sql {

class UserStore final : public izpo::UserStore {
 public:
  explicit UserStore(Database& database) : database_(database) {}

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
  // After a kUniqueViolation: kEmailTaken when somebody other than `self` has the address, else
  // kUsernameTaken.
  Task<Error> taken(std::optional<UserId> self, std::optional<std::string> email_key);

  Database& database_;
};

}  // namespace izpo::sql
