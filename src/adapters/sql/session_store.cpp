#include "adapters/sql/session_store.hpp"

#include "adapters/sql/columns.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

// Takes the user's row lock where there are row locks: a login does not slip past a deactivation or a change
// of password.
constexpr Statement kTouchUser(
    "UPDATE users SET is_active = is_active WHERE id = $1 RETURNING is_active, hashed_password");
constexpr Statement kInsert(
    "INSERT INTO sessions (user_id, created_at, expires_at) VALUES ($1, $2, $3) RETURNING id");
constexpr Statement kInsertToken("INSERT INTO refresh_tokens (token_hash, session_id) VALUES ($1, $2)");
constexpr Statement kFind("SELECT ", kUserColumns,
                          " FROM sessions s JOIN users u ON u.id = s.user_id "
                          "WHERE s.id = $1 AND s.ended_at IS NULL AND u.is_active");
constexpr Statement kUseToken(
    "UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL RETURNING session_id");
constexpr Statement kSessionOfToken("SELECT session_id FROM refresh_tokens WHERE token_hash = $1");
constexpr Statement kExtend(
    "UPDATE sessions SET expires_at = $3 WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 RETURNING "
    "id");
constexpr Statement kEnd("UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL");
constexpr Statement kEndedSince(
    "SELECT id, user_id, ended_at FROM sessions WHERE ended_at IS NOT NULL AND ended_at >= $1 "
    "ORDER BY ended_at, id");
constexpr Statement kPurge("DELETE FROM sessions WHERE expires_at < $1 OR ended_at < $1 RETURNING id");

}  // namespace

Task<Result<SessionId>> SessionStore::open(UserId user, std::string password_hash, TokenHash first,
                                           Timestamp now, Timestamp expires) {
  co_return co_await database_.write([&](Session& session) -> Task<Result<SessionId>> {
    IZPO_CO_TRY(const Rows account, co_await session.query(kTouchUser, {user}));
    if (account.empty()) co_return fail(reason::kUserNotFound);
    Row row = account.row(0);
    if (!row.flag()) co_return fail(reason::kInactiveUser);
    if (row.text() != password_hash) co_return fail(reason::kWrongCurrentPassword);
    IZPO_CO_TRY(const Rows rows, co_await session.query(kInsert, {user, now, expires}));
    const auto id = rows.row(0).id<SessionId>();
    IZPO_CO_CHECK(co_await session.query(kInsertToken, {first, id}));
    co_return id;
  });
}

Task<Result<std::optional<User>>> SessionStore::find(SessionId id) {
  co_return co_await database_.read([id](Session& session) -> Task<Result<std::optional<User>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kFind, {id}));
    co_return read_first(rows, read_user);
  });
}

Task<Result<Principal>> SessionStore::rotate(TokenHash presented, TokenHash next, Timestamp now,
                                             Timestamp expires) {
  // nullopt: the token is no good. That is no error inside, because the end of a session whose token was
  // presented twice must be committed.
  IZPO_CO_TRY(auto principal,
              co_await database_.write([&](Session& session) -> Task<Result<std::optional<Principal>>> {
                IZPO_CO_TRY(const Rows used, co_await session.query(kUseToken, {presented, now}));
                if (used.empty()) {
                  IZPO_CO_TRY(const Rows known, co_await session.query(kSessionOfToken, {presented}));
                  if (!known.empty())
                    IZPO_CO_CHECK(co_await session.query(kEnd, {known.row(0).id<SessionId>(), now}));
                  co_return std::nullopt;
                }
                const auto id = used.row(0).id<SessionId>();
                IZPO_CO_TRY(const Rows live, co_await session.query(kExtend, {id, now, expires}));
                if (live.empty()) co_return std::nullopt;
                IZPO_CO_TRY(const Rows user, co_await session.query(kFind, {id}));
                if (user.empty()) co_return std::nullopt;
                IZPO_CO_CHECK(co_await session.query(kInsertToken, {next, id}));
                Row row = user.row(0);
                co_return Principal{.user = read_user(row), .session = id};
              }));
  if (!principal) co_return fail(reason::kInvalidRefreshToken);
  co_return *std::move(principal);
}

Task<Result<void>> SessionStore::end(SessionId id, Timestamp now) {
  co_return co_await database_.write([=](Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await session.query(kEnd, {id, now}));
    co_return Result<void>();
  });
}

Task<Result<std::vector<EndedSession>>> SessionStore::ended_since(Timestamp since) {
  co_return co_await database_.read([since](Session& session) -> Task<Result<std::vector<EndedSession>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kEndedSince, {since}));
    co_return read_all(rows, [](Row& row) {
      return EndedSession{.session = row.id<SessionId>(), .user = row.id<UserId>(), .ended_at = row.time()};
    });
  });
}

Task<Result<std::int64_t>> SessionStore::purge(Timestamp before) {
  co_return co_await database_.write([before](Session& session) -> Task<Result<std::int64_t>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kPurge, {before}));
    co_return static_cast<std::int64_t>(rows.size());
  });
}

}  // namespace izpo::sql
