#pragma once

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"

namespace izpo {

// Who is calling: an account through one login. Made only by services/sessions, after the token was checked.
struct Principal {
  User user;
  SessionId session;
};

}  // namespace izpo
