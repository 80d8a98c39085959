#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/clock.hpp"
#include "ports/live_rooms.hpp"
#include "ports/password_hasher.hpp"
#include "ports/random.hpp"
#include "ports/session_store.hpp"
#include "ports/token_signer.hpp"
#include "ports/user_store.hpp"
#include "services/login_throttle.hpp"

namespace izpo::services {

struct SessionRules {
  std::chrono::minutes access_token_lifetime{30};
  std::chrono::days refresh_token_lifetime{30};
  LoginLimits login_limits;
};

struct Login {
  std::string access_token;
  std::string refresh_token;
  std::int64_t expires_in = 0;  // seconds until the access token ends
};

// Logins: who is calling, and for how long. Safe to call from any loop.
class Sessions {
 public:
  struct Ports {
    UserStore& users;
    SessionStore& sessions;
    PasswordHasher& passwords;
    TokenSigner& tokens;
    Random& random;
    Clock& clock;
    LiveRooms& live;
  };

  Sessions(Ports ports, SessionRules rules);
  ~Sessions();

  // `login` is a username or an e-mail; white space around it does not count. Fails with kInvalidCredentials
  // (unknown user and wrong password alike, at the same cost in time), kInactiveUser (only after the right
  // password), kTooManyLogins, kOverloaded.
  Task<Result<Login>> log_in(std::string login, std::string password, std::string peer_address);

  // Fails with kInvalidRefreshToken; a token used twice ends its login.
  Task<Result<Login>> refresh(std::string refresh_token);

  Task<Result<void>> log_out(const Principal& caller);

  // Makes sure that the caller knows their password, and returns the stored hash that it fits. Fails with
  // kWrongCurrentPassword, kTooManyLogins, kOverloaded, and kLoginEnded when the account is gone.
  Task<Result<std::string>> prove(const Principal& caller, std::string password);

  // Who holds this access token. Fails with kInvalidToken, kTokenExpired or kLoginEnded. A login that ended
  // in another process is noticed within about a second (sweep).
  Task<Result<Principal>> authenticate(std::string access_token);

  // Looks for logins that ended anywhere on this database since the last call, and closes their sockets here;
  // the first one and one an hour also clear away what ended long ago. Called about once a second. Fails with
  // kStorageUnavailable; the next call then makes up for it.
  Task<Result<void>> sweep();

  // Forgets what is remembered of a user whose account changed: the next authenticate reads it anew.
  void forget(UserId user);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace izpo::services
