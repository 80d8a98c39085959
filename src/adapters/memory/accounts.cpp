#include "adapters/memory/accounts.hpp"

#include <algorithm>
#include <utility>

#include "domain/reasons.hpp"

namespace izpo::memory {

Result<void> UserStore::check_free(std::optional<UserId> self, const std::optional<UsernameKeys>& keys,
                                   const std::optional<std::string>& email_key) const {
  const auto taken = [&](auto same) {
    return std::ranges::any_of(data_.users,
                               [&](const auto& entry) { return entry.first != self && same(entry.second); });
  };
  if (email_key && taken([&](const UserRow& row) { return row.email_key == *email_key; })) {
    return fail(reason::kEmailTaken);
  }
  if (keys && taken([&](const UserRow& row) {
        return row.keys.folded == keys->folded || row.keys.skeleton == keys->skeleton;
      })) {
    return fail(reason::kUsernameTaken);
  }
  return {};
}

Task<Result<User>> UserStore::create(NewUser user) {
  const std::scoped_lock lock(data_.mutex);
  IZPO_CO_CHECK(check_free({}, user.username_keys, user.email_key));
  UserRow row{.user = {.id = data_.next_id<UserId>(),
                       .username = std::move(user.username),
                       .email = std::move(user.email),
                       .full_name = std::move(user.full_name),
                       .is_active = true,
                       .created_at = user.created_at,
                       .updated_at = std::nullopt},
              .keys = std::move(user.username_keys),
              .email_key = std::move(user.email_key),
              .password_hash = std::move(user.password_hash)};
  co_return data_.users.try_emplace(row.user.id, std::move(row)).first->second.user;
}

Task<Result<std::optional<User>>> UserStore::find(UserId id) {
  const std::scoped_lock lock(data_.mutex);
  const UserRow* const row = memory::find(data_.users, id);
  co_return row == nullptr ? std::nullopt : std::optional(row->user);
}

Task<Result<std::optional<User>>> UserStore::find_by_username(std::string folded_username) {
  const std::scoped_lock lock(data_.mutex);
  for (const auto& [id, row] : data_.users) {
    if (row.keys.folded == folded_username) co_return row.user;
  }
  co_return std::nullopt;
}

Task<Result<std::optional<Credentials>>> UserStore::find_credentials(std::string login) {
  const std::scoped_lock lock(data_.mutex);
  const auto find_where = [&](auto has_login) -> std::optional<Credentials> {
    for (const auto& [id, row] : data_.users) {
      if (has_login(row)) return Credentials{.user = row.user, .password_hash = row.password_hash};
    }
    return std::nullopt;
  };
  std::optional<Credentials> found;
  if (!login.contains('@') || login.starts_with('@')) {
    found = find_where([&](const UserRow& row) { return row.keys.folded == login; });
  }
  if (!found && login.contains('@')) {
    found = find_where([&](const UserRow& row) { return row.email_key == login; });
  }
  co_return found;
}

Task<Result<std::optional<Credentials>>> UserStore::find_credentials(UserId id) {
  const std::scoped_lock lock(data_.mutex);
  const UserRow* const row = memory::find(data_.users, id);
  if (row == nullptr) co_return std::nullopt;
  co_return Credentials{.user = row->user, .password_hash = row->password_hash};
}

Task<Result<std::vector<User>>> UserStore::list(Page page) {
  const std::scoped_lock lock(data_.mutex);
  co_return page_of(data_.users, page, [](UserId, const UserRow& row) { return std::optional(row.user); });
}

Task<Result<User>> UserStore::update(UserId id, UserChange change, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  UserRow* const row = memory::find(data_.users, id);
  if (row == nullptr) co_return fail(reason::kUserNotFound);
  IZPO_CO_CHECK(check_free(id, change.username_keys, change.email_key));
  if (change.username) row->user.username = *std::move(change.username);
  if (change.username_keys) row->keys = *std::move(change.username_keys);
  if (change.email) row->user.email = *std::move(change.email);
  if (change.email_key) row->email_key = *std::move(change.email_key);
  if (change.full_name) row->user.full_name = *std::move(change.full_name);
  row->user.updated_at = now;
  co_return row->user;
}

Task<Result<void>> UserStore::set_password(UserId id, std::string hash, std::optional<std::string> expected,
                                           std::optional<SessionId> keep, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  UserRow* const row = memory::find(data_.users, id);
  if (row == nullptr) co_return fail(reason::kUserNotFound);
  if (expected && row->password_hash != *expected) co_return fail(reason::kWrongCurrentPassword);
  row->password_hash = std::move(hash);
  row->user.updated_at = now;
  data_.end_sessions(id, keep, now);
  co_return Result<void>();
}

Task<Result<void>> UserStore::rehash_password(UserId id, std::string hash, std::string expected) {
  const std::scoped_lock lock(data_.mutex);
  UserRow* const row = memory::find(data_.users, id);
  if (row != nullptr && row->password_hash == expected) row->password_hash = std::move(hash);
  co_return Result<void>();
}

Task<Result<User>> UserStore::set_active(UserId id, bool active, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  UserRow* const row = memory::find(data_.users, id);
  if (row == nullptr) co_return fail(reason::kUserNotFound);
  row->user.is_active = active;
  row->user.updated_at = now;
  if (!active) data_.end_sessions(id, std::nullopt, now);
  co_return row->user;
}

Task<Result<SessionId>> SessionStore::open(UserId user, std::string password_hash, TokenHash first,
                                           Timestamp /*now*/, Timestamp expires) {
  const std::scoped_lock lock(data_.mutex);
  const UserRow* const row = memory::find(data_.users, user);
  if (row == nullptr) co_return fail(reason::kUserNotFound);
  if (!row->user.is_active) co_return fail(reason::kInactiveUser);
  if (row->password_hash != password_hash) co_return fail(reason::kWrongCurrentPassword);
  const auto id = data_.next_id<SessionId>();
  data_.sessions.try_emplace(id, SessionRow{.user = user, .expires_at = expires, .ended_at = std::nullopt});
  data_.tokens.try_emplace(first, TokenRow{.session = id});
  co_return id;
}

Task<Result<std::optional<User>>> SessionStore::find(SessionId session) {
  const std::scoped_lock lock(data_.mutex);
  const SessionRow* const row = memory::find(data_.sessions, session);
  if (row == nullptr || row->ended_at) co_return std::nullopt;
  const User& user = data_.users.at(row->user).user;
  co_return user.is_active ? std::optional(user) : std::nullopt;
}

Task<Result<Principal>> SessionStore::rotate(TokenHash presented, TokenHash next, Timestamp now,
                                             Timestamp expires) {
  const std::scoped_lock lock(data_.mutex);
  TokenRow* const token = memory::find(data_.tokens, presented);
  if (token == nullptr) co_return fail(reason::kInvalidRefreshToken);
  SessionRow& session = data_.sessions.at(token->session);
  if (std::exchange(token->used, true) && !session.ended_at) session.ended_at = now;
  if (session.ended_at || session.expires_at <= now) co_return fail(reason::kInvalidRefreshToken);
  session.expires_at = expires;
  data_.tokens.try_emplace(next, TokenRow{.session = token->session});
  co_return Principal{.user = data_.users.at(session.user).user, .session = token->session};
}

Task<Result<void>> SessionStore::end(SessionId session, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  SessionRow* const row = memory::find(data_.sessions, session);
  if (row != nullptr && !row->ended_at) row->ended_at = now;
  co_return Result<void>();
}

Task<Result<std::vector<EndedSession>>> SessionStore::ended_since(Timestamp since) {
  const std::scoped_lock lock(data_.mutex);
  std::vector<EndedSession> ended;
  for (const auto& [id, row] : data_.sessions) {
    if (row.ended_at && *row.ended_at >= since) {
      ended.push_back({.session = id, .user = row.user, .ended_at = *row.ended_at});
    }
  }
  std::ranges::sort(ended, {}, [](const EndedSession& one) { return std::pair(one.ended_at, one.session); });
  co_return ended;
}

Task<Result<std::int64_t>> SessionStore::purge(Timestamp before) {
  const std::scoped_lock lock(data_.mutex);
  const auto count = std::erase_if(data_.sessions, [before](const auto& entry) {
    return entry.second.expires_at < before || (entry.second.ended_at && *entry.second.ended_at < before);
  });
  std::erase_if(data_.tokens,
                [this](const auto& entry) { return !data_.sessions.contains(entry.second.session); });
  co_return static_cast<std::int64_t>(count);
}

}  // namespace izpo::memory
