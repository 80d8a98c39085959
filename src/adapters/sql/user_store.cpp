#include "adapters/sql/user_store.hpp"

#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/paging.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

constexpr Statement kInsert(
    "INSERT INTO users (username, username_key, username_skeleton, email, email_key, full_name, "
    "hashed_password, "
    "is_active, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    kUserReturning);
constexpr Statement kFind("SELECT ", kUserColumns, " FROM users u WHERE u.id = $1");
constexpr Statement kFindByUsername("SELECT ", kUserColumns, " FROM users u WHERE u.username_key = $1");
constexpr Statement kCredentialsByUsername("SELECT ", kUserColumns,
                                           ", u.hashed_password FROM users u WHERE u.username_key = $1");
constexpr Statement kCredentialsByEmail("SELECT ", kUserColumns,
                                        ", u.hashed_password FROM users u WHERE u.email_key = $1");
constexpr Statement kCredentialsByExactKey("SELECT ", kUserColumns,
                                           ", u.hashed_password FROM users u "
                                           "WHERE u.id = coalesce("
                                           "(SELECT n.id FROM users n WHERE n.username_key = $1), "
                                           "(SELECT e.id FROM users e WHERE e.email_key = $1))");
constexpr Statement kCredentials("SELECT ", kUserColumns, ", u.hashed_password FROM users u WHERE u.id = $1");
constexpr Statement kHasEmail("SELECT u.id FROM users u WHERE u.email_key = $1 AND u.id <> $2");
constexpr PagedList kList("u.id", "SELECT ", kUserColumns, " FROM users u WHERE TRUE");
constexpr Statement kUpdate(
    "UPDATE users SET username = coalesce($2, username), username_key = coalesce($3, username_key), "
    "username_skeleton = coalesce($4, username_skeleton), email = coalesce($5, email), "
    "email_key = coalesce($6, email_key), full_name = CASE WHEN $7 THEN $8 ELSE full_name END, updated_at = "
    "$9 "
    "WHERE id = $1",
    kUserReturning);
constexpr Statement kSetPassword("UPDATE users SET hashed_password = $2, updated_at = $3 WHERE id = $1");
// Takes the row's lock where there are row locks.
constexpr Statement kTouch("UPDATE users SET is_active = is_active WHERE id = $1 RETURNING hashed_password");
constexpr Statement kRehash("UPDATE users SET hashed_password = $2 WHERE id = $1 AND hashed_password = $3");
constexpr Statement kSetActive("UPDATE users SET is_active = $2, updated_at = $3 WHERE id = $1",
                               kUserReturning);
constexpr Statement kEndSessions(
    "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND id <> $3");

constexpr SessionId kNoSession{0};

Task<Result<std::optional<User>>> find_user(Session& session, const Statement& statement, Params params) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(statement, params));
  co_return read_first(rows, read_user);
}

Task<Result<std::optional<Credentials>>> read_credentials(Session& session, const Statement& statement,
                                                          Params params) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(statement, params));
  co_return read_first(
      rows, [](Row& row) { return Credentials{.user = read_user(row), .password_hash = row.text()}; });
}

// An UPDATE that returns the user.
Task<Result<User>> change_user(Session& session, const Statement& statement, Params params) {
  IZPO_CO_TRY(auto user, co_await find_user(session, statement, params));
  if (!user) co_return fail(reason::kUserNotFound);
  co_return *std::move(user);
}

}  // namespace

Task<Result<User>> UserStore::create(NewUser user) {
  auto created = co_await database_.write([&user](Session& session) {
    return change_user(session, kInsert,
                       {user.username, user.username_keys.folded, user.username_keys.skeleton, user.email,
                        user.email_key, user.full_name, user.password_hash, true, user.created_at});
  });
  if (!created && created.error().reason == kUniqueViolation)
    co_return fail(co_await taken({}, user.email_key));
  co_return created;
}

Task<Result<std::optional<User>>> UserStore::find(UserId id) {
  co_return co_await database_.read([id](Session& session) { return find_user(session, kFind, {id}); });
}

Task<Result<std::optional<User>>> UserStore::find_by_username(std::string folded_username) {
  co_return co_await database_.read(
      [&](Session& session) { return find_user(session, kFindByUsername, {folded_username}); });
}

Task<Result<std::optional<Credentials>>> UserStore::find_credentials(std::string login) {
  const Statement& statement = login.starts_with('@') ? kCredentialsByExactKey
                               : login.contains('@')  ? kCredentialsByEmail
                                                      : kCredentialsByUsername;
  co_return co_await database_.read(
      [&](Session& session) { return read_credentials(session, statement, {login}); });
}

Task<Result<std::optional<Credentials>>> UserStore::find_credentials(UserId id) {
  co_return co_await database_.read(
      [id](Session& session) { return read_credentials(session, kCredentials, {id}); });
}

Task<Result<std::vector<User>>> UserStore::list(Page page) {
  co_return co_await database_.read([page](Session& session) -> Task<Result<std::vector<User>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kList.statement(page), page_params(page)));
    co_return read_all(rows, read_user);
  });
}

Task<Result<User>> UserStore::update(UserId id, UserChange change, Timestamp now) {
  std::optional<std::string> folded;
  std::optional<std::string> skeleton;
  if (change.username_keys) {
    folded = change.username_keys->folded;
    skeleton = change.username_keys->skeleton;
  }
  const bool sets_full_name = change.full_name.has_value();
  const std::optional<std::string> full_name = change.full_name.value_or(std::nullopt);
  auto updated = co_await database_.write([&](Session& session) {
    return change_user(session, kUpdate,
                       {id, change.username, folded, skeleton, change.email, change.email_key, sets_full_name,
                        full_name, now});
  });
  if (!updated && updated.error().reason == kUniqueViolation)
    co_return fail(co_await taken(id, change.email_key));
  co_return updated;
}

Task<Error> UserStore::taken(std::optional<UserId> self, std::optional<std::string> email_key) {
  auto holder = co_await database_.read([&](Session& session) -> Task<Result<bool>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kHasEmail, {email_key, self.value_or(UserId{})}));
    co_return !rows.empty();
  });
  if (!holder) co_return std::move(holder).error();
  co_return *holder ? reason::kEmailTaken : reason::kUsernameTaken;
}

Task<Result<void>> UserStore::set_password(UserId id, std::string hash, std::optional<std::string> expected,
                                           std::optional<SessionId> keep, Timestamp now) {
  co_return co_await database_.write([&](Session& session) -> Task<Result<void>> {
    // Changed first, so that the row is this transaction's own when the old hash is compared.
    IZPO_CO_TRY(const Rows rows, co_await session.query(kTouch, {id}));
    if (rows.empty()) co_return fail(reason::kUserNotFound);
    if (expected && rows.row(0).text() != *expected) co_return fail(reason::kWrongCurrentPassword);
    IZPO_CO_CHECK(co_await session.query(kSetPassword, {id, hash, now}));
    IZPO_CO_CHECK(co_await session.query(kEndSessions, {id, now, keep.value_or(kNoSession)}));
    co_return Result<void>();
  });
}

Task<Result<void>> UserStore::rehash_password(UserId id, std::string hash, std::string expected) {
  co_return co_await database_.write([&](Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await session.query(kRehash, {id, hash, expected}));
    co_return Result<void>();
  });
}

Task<Result<User>> UserStore::set_active(UserId id, bool active, Timestamp now) {
  co_return co_await database_.write([=](Session& session) -> Task<Result<User>> {
    IZPO_CO_TRY(User user, co_await change_user(session, kSetActive, {id, active, now}));
    if (!active) IZPO_CO_CHECK(co_await session.query(kEndSessions, {id, now, kNoSession}));
    co_return user;
  });
}

}  // namespace izpo::sql
