#include "services/principal_cache.hpp"

namespace izpo::services {

PrincipalCache::Found PrincipalCache::find(const Digest& token, Timestamp now) {
  Found found;
  found.generation = generation_.load();
  Part& part = part_of(token);
  const std::lock_guard lock(part.mutex);
  if (const Entry* entry = part.entries.find(token)) {
    found.claims = entry->claims;
    // A clock that was set back makes nothing fresh for longer.
    if (entry->read_at <= now && now - entry->read_at < kFresh) found.user = entry->user;
  }
  return found;
}

void PrincipalCache::put(const Digest& token, const AccessClaims& claims, const User& user, Timestamp read_at,
                         std::uint64_t generation) {
  Part& part = part_of(token);
  const std::lock_guard lock(part.mutex);
  if (generation_.load() == generation) part.entries[token] = Entry{claims, user, read_at};
}

// The count moves before any part is emptied: a put() that comes later sees it, one that came earlier is
// erased.
template <class Predicate>
void PrincipalCache::forget_if(Predicate predicate) {
  ++generation_;
  for (Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    part.entries.erase_if([&](const auto& pair) { return predicate(pair.second); });
  }
}

void PrincipalCache::forget(UserId user) {
  forget_if([&](const Entry& entry) { return entry.claims.user == user; });
}

void PrincipalCache::forget(const std::unordered_set<SessionId>& sessions) {
  forget_if([&](const Entry& entry) { return sessions.contains(entry.claims.session); });
}

}  // namespace izpo::services
