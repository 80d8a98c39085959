#include "services/sessions.hpp"

#include <array>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "domain/email.hpp"
#include "domain/reasons.hpp"
#include "domain/text.hpp"
#include "domain/username.hpp"
#include "services/digest.hpp"
#include "services/principal_cache.hpp"

namespace izpo::services {
namespace {

constexpr std::size_t kRefreshTokenBytes = 32;
// No name and no address is longer; what is, is not normalised before it is refused.
constexpr std::size_t kMaxLogin = 1'024;

// An ended login may show itself this much later than the time it bears: its transaction took long, or
// another node's clock is behind.
constexpr std::chrono::seconds kSweepOverlap{60};
constexpr std::chrono::hours kPurgeEvery{1};
// So long an ended login stays in the store; every node's sweep must have seen it.
constexpr std::chrono::hours kEndedKept{24};

// The forms under which UserStore::find_credentials may know a login, the first of which counts; both are
// empty when nobody can have it.
struct LoginKeys {
  std::string exact;
  std::string folded;
};

LoginKeys login_keys(std::string_view login) {
  if (login.size() > kMaxLogin || !is_storable_text(login)) return {};
  login = trim(login);
  return {.exact = exact_key(login), .folded = login.contains('@') ? email_key(login) : fold_username(login)};
}

// What the throttle calls an account: its number, so that name and e-mail have one budget.
std::string account_of(const std::optional<Credentials>& credentials, const std::string& key) {
  return credentials ? '#' + std::to_string(credentials->user.id.value) : key;
}

}  // namespace

struct Sessions::State {
  State(Ports given_ports, SessionRules given_rules)
      : ports(given_ports), rules(given_rules), throttle(rules.login_limits), seen_until(ports.clock.now()) {}

  struct RefreshToken {
    std::string text;
    TokenHash hash;
  };

  RefreshToken new_refresh_token() {
    std::array<unsigned char, kRefreshTokenBytes> bytes{};
    ports.random.fill(bytes);
    RefreshToken token{.text = base64url(bytes), .hash = {}};
    token.hash = sha256(token.text);
    return token;
  }

  Login login_of(UserId user, SessionId session, RefreshToken refresh, Timestamp now) {
    return {.access_token = ports.tokens.sign({.user = user,
                                               .session = session,
                                               .issued_at = now,
                                               .expires_at = now + rules.access_token_lifetime}),
            .refresh_token = std::move(refresh.text),
            .expires_in = std::chrono::seconds(rules.access_token_lifetime).count()};
  }

  // kWrong for no account too, after as long.
  Task<Result<PasswordCheck>> check(const std::optional<Credentials>& credentials,
                                    const std::string& password) {
    if (credentials) co_return co_await ports.passwords.verify(password, credentials->password_hash);
    IZPO_CO_CHECK(co_await ports.passwords.pretend(password));
    co_return PasswordCheck::kWrong;
  }

  // For an account whose hash is of yesterday.
  Task<Result<void>> renew_hash(const Credentials& credentials, std::string password) {
    IZPO_CO_TRY(std::string hash, co_await ports.passwords.hash(std::move(password)));
    co_return co_await ports.users.rehash_password(credentials.user.id, std::move(hash),
                                                   credentials.password_hash);
  }

  // log_in with the account's stored hash as it is found now. Fails with kWrongCurrentPassword when that was
  // replaced while it was checked.
  Task<Result<Login>> attempt(LoginKeys keys, std::string password, std::string peer_address);

  const Ports ports;
  const SessionRules rules;
  LoginThrottle throttle;
  PrincipalCache cache;

  std::mutex sweep_mutex;
  // Under sweep_mutex:
  Timestamp seen_until;                      // when the last sweep that succeeded began
  std::unordered_set<SessionId> seen_ended;  // what it was told of
  Timestamp purged_at;                       // long ago at first: a short-lived process clears away too
};

Sessions::Sessions(Ports ports, SessionRules rules) : state_(std::make_unique<State>(ports, rules)) {}

Sessions::~Sessions() = default;

Task<Result<Login>> Sessions::log_in(std::string login, std::string password, std::string peer_address) {
  const LoginKeys keys = login_keys(login);
  auto logged_in = co_await state_->attempt(keys, password, peer_address);
  if (!logged_in && logged_in.error().reason == reason::kWrongCurrentPassword) {
    // Another login gave the same password a better hash meanwhile, or it is another password now.
    logged_in = co_await state_->attempt(keys, std::move(password), std::move(peer_address));
  }
  if (!logged_in && logged_in.error().reason == reason::kWrongCurrentPassword) {
    co_return fail(reason::kInvalidCredentials);
  }
  co_return logged_in;
}

Task<Result<Login>> Sessions::State::attempt(LoginKeys keys, std::string password, std::string peer_address) {
  std::optional<Credentials> credentials;
  if (!keys.folded.empty()) {
    IZPO_CO_TRY(credentials, co_await ports.users.find_credentials(keys.exact));
    if (!credentials) {
      IZPO_CO_TRY(credentials, co_await ports.users.find_credentials(keys.folded));
    }
  }
  IZPO_CO_TRY(const auto attempt,
              throttle.begin(account_of(credentials, keys.folded), peer_address, ports.clock.now()));
  const auto checked = co_await check(credentials, password);
  if (!checked) {
    throttle.cancelled(attempt);
    co_return fail(checked.error());
  }
  if (*checked == PasswordCheck::kWrong || !credentials) co_return fail(reason::kInvalidCredentials);
  throttle.succeeded(attempt);

  const User& user = credentials->user;
  if (!user.is_active) co_return fail(reason::kInactiveUser);
  const Timestamp now = ports.clock.now();
  auto refresh = new_refresh_token();
  const auto session = co_await ports.sessions.open(user.id, credentials->password_hash, refresh.hash, now,
                                                    now + rules.refresh_token_lifetime);
  if (!session) {
    const bool user_gone = session.error().reason == reason::kUserNotFound;
    co_return fail(user_gone ? Error(reason::kInvalidCredentials) : session.error());
  }
  if (*checked == PasswordCheck::kRightButOld) {
    // Not what its owner came for: it may fail, and the next login tries again.
    const auto renewed = co_await renew_hash(*credentials, std::move(password));
    if (!renewed) {
      spdlog::warn("user {}: password not hashed again: {} {}", user.id.value, renewed.error().reason.name,
                   renewed.error().log_detail);
    }
  }
  co_return login_of(user.id, *session, std::move(refresh), now);
}

Task<Result<Login>> Sessions::refresh(std::string refresh_token) {
  const Timestamp now = state_->ports.clock.now();
  auto next = state_->new_refresh_token();
  IZPO_CO_TRY(const Principal principal,
              co_await state_->ports.sessions.rotate(sha256(refresh_token), next.hash, now,
                                                     now + state_->rules.refresh_token_lifetime));
  co_return state_->login_of(principal.user.id, principal.session, std::move(next), now);
}

Task<Result<void>> Sessions::log_out(const Principal& caller) {
  const SessionId session = caller.session;
  IZPO_CO_CHECK(co_await state_->ports.sessions.end(session, state_->ports.clock.now()));
  state_->cache.forget({session});
  state_->ports.live.close_session(session);
  co_return Result<void>{};
}

Task<Result<std::string>> Sessions::prove(const Principal& caller, std::string password) {
  const Ports& ports = state_->ports;
  const UserId id = caller.user.id;
  const SessionId session = caller.session;
  IZPO_CO_TRY(auto credentials, co_await ports.users.find_credentials(id));
  if (!credentials) co_return fail(reason::kLoginEnded);

  IZPO_CO_TRY(const auto attempt,
              state_->throttle.begin_inside(account_of(credentials, {}), std::to_string(session.value),
                                            ports.clock.now()));
  const auto checked = co_await ports.passwords.verify(std::move(password), credentials->password_hash);
  if (!checked) {
    state_->throttle.cancelled(attempt);
    co_return fail(checked.error());
  }
  if (*checked == PasswordCheck::kWrong) co_return fail(reason::kWrongCurrentPassword);
  state_->throttle.succeeded(attempt);
  co_return std::move(credentials->password_hash);
}

Task<Result<Principal>> Sessions::authenticate(std::string access_token) {
  const Timestamp now = state_->ports.clock.now();
  const Digest digest = sha256(access_token);
  auto found = state_->cache.find(digest, now);
  if (!found.claims) {
    IZPO_CO_TRY(found.claims, state_->ports.tokens.verify(access_token, now));
  } else if (found.claims->expires_at <= now) {
    co_return fail(reason::kTokenExpired);
  }
  if (!found.user) {
    IZPO_CO_TRY(found.user, co_await state_->ports.sessions.find(found.claims->session));
    if (!found.user) co_return fail(reason::kLoginEnded);
    if (found.user->id != found.claims->user) co_return fail(reason::kInvalidToken);
    state_->cache.put(digest, *found.claims, *found.user, now, found.generation);
  }
  co_return Principal{*std::move(found.user), found.claims->session};
}

Task<Result<void>> Sessions::sweep() {
  const Timestamp now = state_->ports.clock.now();
  Timestamp since;
  {
    const std::lock_guard lock(state_->sweep_mutex);
    since = state_->seen_until - kSweepOverlap;
  }
  IZPO_CO_TRY(const auto ended, co_await state_->ports.sessions.ended_since(since));

  std::unordered_set<SessionId> all;
  std::unordered_set<SessionId> fresh;
  bool purge = false;
  for (const EndedSession& session : ended) all.insert(session.session);
  {
    const std::lock_guard lock(state_->sweep_mutex);
    for (const SessionId session : all) {
      if (!state_->seen_ended.contains(session)) fresh.insert(session);
    }
    state_->seen_ended = std::move(all);
    state_->seen_until = std::max(state_->seen_until, now);
    if (now - state_->purged_at >= kPurgeEvery) {
      state_->purged_at = now;
      purge = true;
    }
  }
  if (!fresh.empty()) state_->cache.forget(fresh);
  for (const SessionId session : fresh) state_->ports.live.close_session(session);

  if (purge) IZPO_CO_CHECK(co_await state_->ports.sessions.purge(now - kEndedKept));
  co_return Result<void>{};
}

void Sessions::forget(UserId user) {
  state_->cache.forget(user);
}

}  // namespace izpo::services
