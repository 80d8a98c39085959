#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/clock.hpp"
#include "ports/password_hasher.hpp"
#include "ports/user_store.hpp"
#include "services/sessions.hpp"

namespace izpo::services {

struct Registration {
  std::string username;
  std::string email;
  std::string password;
  std::optional<std::string> full_name;
};

struct ProfileChange {
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<std::optional<std::string>> full_name;
};

// Who is called `username`: to the letter, or else but for case and form. Of several who were called so
// before the rules forbade it, the latter finds one, always the same.
Task<Result<std::optional<User>>> find_named(UserStore& users, std::string username);

// Accounts and their owners' data. Safe to call from any loop.
class Accounts {
 public:
  Accounts(UserStore& users, PasswordHasher& passwords, Clock& clock, Sessions& sessions)
      : users_(users), passwords_(passwords), clock_(clock), sessions_(sessions) {}

  // Fails with kValidation (fields under "body"), kEmailTaken, kUsernameTaken, kOverloaded.
  Task<Result<User>> register_user(Registration registration);

  // Fails with kUserNotFound.
  Task<Result<User>> get(UserId id);
  Task<Result<User>> get_by_username(std::string username);

  Task<Result<std::vector<User>>> list(Page page);

  // Fails with kValidation, kEmailTaken, kUsernameTaken.
  Task<Result<User>> change_profile(const Principal& caller, ProfileChange change);

  // Ends every other login of the caller. Fails with kValidation, kWrongCurrentPassword.
  Task<Result<void>> change_password(const Principal& caller, std::string current, std::string next);

 private:
  // Fails with kUsernameTaken when somebody has the exact key of the name: UserStore does not compare it with
  // others.
  Task<Result<void>> check_not_older(std::string username);

  UserStore& users_;
  PasswordHasher& passwords_;
  Clock& clock_;
  Sessions& sessions_;
};

}  // namespace izpo::services
