#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace izpo {

// A person's account, without its secret.
struct User {
  UserId id;
  std::string username;  // as its owner wrote it, NFKC
  std::string email;     // private: shown to its owner only
  std::optional<std::string> full_name;
  bool is_active = true;
  Timestamp created_at;
  std::optional<Timestamp> updated_at;
};

// What others see of a user beside a message or in an online list.
struct UserCard {
  UserId id;
  std::string username;
  std::optional<std::string> full_name;
};

using SharedCard = std::shared_ptr<const UserCard>;

inline UserCard card_of(const User& user) {
  return {user.id, user.username, user.full_name};
}

}  // namespace izpo
