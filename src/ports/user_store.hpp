#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/user.hpp"
#include "domain/username.hpp"
#include "ports/page.hpp"

namespace izpo {

struct NewUser {
  std::string username;
  UsernameKeys username_keys;
  std::string email;
  std::string email_key;  // of domain/email
  std::optional<std::string> full_name;
  std::string password_hash;
  Timestamp created_at;
};

// What a profile change sets; an empty field stays as it is.
struct UserChange {
  std::optional<std::string> username;
  std::optional<UsernameKeys> username_keys;  // set exactly when username is
  std::optional<std::string> email;
  std::optional<std::string> email_key;                 // set exactly when email is
  std::optional<std::optional<std::string>> full_name;  // an inner nullopt clears it
};

struct Credentials {
  User user;
  std::string password_hash;  // a crypt(3) or libsodium string; its prefix names the scheme
};

// Accounts. Safe to call from any loop. Every method may fail with kStorageUnavailable.
class UserStore {
 public:
  virtual ~UserStore() = default;

  // Fails with kUsernameTaken or kEmailTaken (the e-mail is looked at first); nothing is stored then, and a
  // race of two for one name has one winner.
  virtual Task<Result<User>> create(NewUser user) = 0;

  // No such user is not an error: nullopt.
  virtual Task<Result<std::optional<User>>> find(UserId id) = 0;
  virtual Task<Result<std::optional<User>>> find_by_username(std::string folded_username) = 0;

  // `login` is a casefolded username, or, when it contains '@', an e-mail key, or, when it begins with '@',
  // the exact key (domain/username.hpp) of either: the name's before the address's.
  virtual Task<Result<std::optional<Credentials>>> find_credentials(std::string login) = 0;
  virtual Task<Result<std::optional<Credentials>>> find_credentials(UserId id) = 0;

  virtual Task<Result<std::vector<User>>> list(Page page) = 0;

  // Fails with kUserNotFound, kUsernameTaken, kEmailTaken.
  virtual Task<Result<User>> update(UserId id, UserChange change, Timestamp now) = 0;

  // Replaces the secret and ends every login of the user but `keep`, in one transaction. With `expected` set,
  // only while the stored hash still is that one (else kWrongCurrentPassword: somebody changed it meanwhile).
  // Fails with kUserNotFound.
  virtual Task<Result<void>> set_password(UserId id, std::string hash, std::optional<std::string> expected,
                                          std::optional<SessionId> keep, Timestamp now) = 0;

  // Replaces the stored form of an unchanged secret (a better scheme); ends no login. Nothing happens when
  // the stored hash no longer is `expected`.
  virtual Task<Result<void>> rehash_password(UserId id, std::string hash, std::string expected) = 0;

  // Deactivating ends every login of the user in the same transaction. Fails with kUserNotFound.
  virtual Task<Result<User>> set_active(UserId id, bool active, Timestamp now) = 0;
};

}  // namespace izpo
