#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"

namespace izpo {

using TokenHash =
    std::array<unsigned char, 32>;  // SHA-256 of a refresh token; the token itself is never stored

struct EndedSession {
  SessionId session;
  UserId user;
  Timestamp ended_at;
};

// Logins and their refresh tokens. A session is one login; its refresh tokens form a family of which only the
// newest is good. Safe to call from any loop. Every method may fail with kStorageUnavailable.
class SessionStore {
 public:
  virtual ~SessionStore() = default;

  // For somebody whose password fits `password_hash`. Fails with kWrongCurrentPassword when the stored hash
  // is another by now (a login never slips past a change of password), kInactiveUser when the account is not
  // active at that moment, kUserNotFound when it is gone.
  virtual Task<Result<SessionId>> open(UserId user, std::string password_hash, TokenHash first, Timestamp now,
                                       Timestamp expires) = 0;

  // The live session's user; nullopt when the session is unknown, has ended, or its user is not active. (It
  // does not expire by itself here: the access token carries its own end.)
  virtual Task<Result<std::optional<User>>> find(SessionId session) = 0;

  // Trades the family's newest token for `next`. Fails with kInvalidRefreshToken when `presented` is unknown,
  // expired or of an ended session, and when it was traded before: then somebody has a copy, and the whole
  // session ends.
  virtual Task<Result<Principal>> rotate(TokenHash presented, TokenHash next, Timestamp now,
                                         Timestamp expires) = 0;

  // It is not an error if the session has already ended.
  virtual Task<Result<void>> end(SessionId session, Timestamp now) = 0;

  // Sessions that ended at or after `since`, by any process on this database, oldest first.
  virtual Task<Result<std::vector<EndedSession>>> ended_since(Timestamp since) = 0;

  // Forgets sessions whose last token expired, or that ended, before `before`. Returns how many.
  virtual Task<Result<std::int64_t>> purge(Timestamp before) = 0;
};

}  // namespace izpo
