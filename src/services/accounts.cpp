#include "services/accounts.hpp"

#include <utility>

#include "base/log.hpp"
#include "domain/email.hpp"
#include "domain/reasons.hpp"
#include "domain/text.hpp"
#include "domain/username.hpp"

namespace izpo::services {

Task<Result<std::optional<User>>> find_named(UserStore& users, std::string username) {
  IZPO_CO_TRY(auto exact, co_await users.find_by_username(exact_key(username)));
  if (exact) co_return exact;
  co_return co_await users.find_by_username(fold_username(username));
}

Task<Result<void>> Accounts::check_not_older(std::string username) {
  IZPO_CO_TRY(const auto older, co_await users_.find_by_username(exact_key(username)));
  if (older) co_return fail(reason::kUsernameTaken);
  co_return Result<void>{};
}

Task<Result<User>> Accounts::register_user(Registration registration) {
  FieldChecks checks;
  Username username = checks.take("username", check_username(registration.username));
  Email email = checks.take("email", check_email(registration.email));
  checks.take("password", check_new_password(registration.password));
  std::optional<std::string> full_name;
  if (registration.full_name) full_name = checks.take("full_name", clean_full_name(*registration.full_name));
  IZPO_CO_CHECK(std::move(checks).outcome());
  IZPO_CO_CHECK(co_await check_not_older(username.text));

  IZPO_CO_TRY(std::string hash, co_await passwords_.hash(std::move(registration.password)));
  co_return co_await users_.create({.username = std::move(username.text),
                                    .username_keys = std::move(username.keys),
                                    .email = std::move(email.text),
                                    .email_key = std::move(email.key),
                                    .full_name = std::move(full_name),
                                    .password_hash = std::move(hash),
                                    .created_at = clock_.now()});
}

Task<Result<User>> Accounts::get(UserId id) {
  IZPO_CO_TRY(auto user, co_await users_.find(id));
  if (!user) co_return fail(reason::kUserNotFound);
  co_return *std::move(user);
}

Task<Result<User>> Accounts::get_by_username(std::string username) {
  IZPO_CO_TRY(auto user, co_await find_named(users_, std::move(username)));
  if (!user) co_return fail(reason::kUserNotFound);
  co_return *std::move(user);
}

Task<Result<std::vector<User>>> Accounts::list(Page page) {
  return users_.list(page);
}

Task<Result<User>> Accounts::change_profile(const Principal& caller, ProfileChange change) {
  const UserId id = caller.user.id;
  // Clients send the whole form. What is in it as it was is no change: a name from before the rules stays.
  IZPO_CO_TRY(User before, co_await get(id));
  if (change.username == before.username) change.username.reset();
  if (change.email == before.email) change.email.reset();

  FieldChecks checks;
  UserChange stored;
  if (change.username) {
    Username username = checks.take("username", check_username(*change.username));
    stored.username = std::move(username.text);
    stored.username_keys = std::move(username.keys);
  }
  if (change.email) {
    Email email = checks.take("email", check_email(*change.email));
    stored.email = std::move(email.text);
    stored.email_key = std::move(email.key);
  }
  if (change.full_name) {
    stored.full_name.emplace();
    if (*change.full_name) *stored.full_name = checks.take("full_name", clean_full_name(**change.full_name));
  }
  IZPO_CO_CHECK(std::move(checks).outcome());
  if (!stored.username && !stored.email && !stored.full_name) co_return before;
  if (stored.username) IZPO_CO_CHECK(co_await check_not_older(*stored.username));

  auto user = co_await users_.update(id, std::move(stored), clock_.now());
  if (user) sessions_.forget(id);
  co_return user;
}

Task<Result<void>> Accounts::change_password(const Principal& caller, std::string current, std::string next) {
  const UserId id = caller.user.id;
  const SessionId kept = caller.session;
  FieldChecks checks;
  checks.take("new_password", check_new_password(next));
  IZPO_CO_CHECK(std::move(checks).outcome());

  IZPO_CO_TRY(std::string proven, co_await sessions_.prove(caller, std::move(current)));
  IZPO_CO_TRY(std::string hash, co_await passwords_.hash(std::move(next)));
  IZPO_CO_CHECK(co_await users_.set_password(id, std::move(hash), std::move(proven), kept, clock_.now()));
  sessions_.forget(id);
  // Closes the sockets of the logins that just ended, rather than at the next turn of the sweep, which also
  // makes up for a failure of this one.
  if (const auto swept = co_await sessions_.sweep(); !swept) {
    spdlog::warn("user {}: other logins' sockets close later: {}", id.value, swept.error().log_detail);
  }
  co_return Result<void>{};
}

}  // namespace izpo::services
