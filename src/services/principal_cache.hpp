#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_set>

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"
#include "ports/token_signer.hpp"
#include "services/digest.hpp"
#include "services/recent_map.hpp"

namespace izpo::services {

// What is known of access tokens that were presented lately: that their signature is good, and, for as long
// as kFresh, whose they are. Of bounded size. Thread-safe, and cheap to share: its parts have a lock each.
class PrincipalCache {
 public:
  // So old may be what is told of a user whose account was changed by another process.
  static constexpr std::chrono::seconds kFresh{1};
  // Tokens remembered, of about 500 bytes: these at least, and at most twice as many.
  static constexpr std::size_t kCapacity = 16'384;

  struct Found {
    std::optional<AccessClaims> claims;  // of a token that was verified; its end may have come since
    std::optional<User> user;            // set only while fresh
    std::uint64_t generation = 0;        // for put()
  };

  // `token` is its digest: no token is kept.
  Found find(const Digest& token, Timestamp now);

  // Remembers what was read after find(); nothing, when forget() was called meanwhile, since it may have been
  // read before.
  void put(const Digest& token, const AccessClaims& claims, const User& user, Timestamp read_at,
           std::uint64_t generation);

  void forget(UserId user);
  void forget(const std::unordered_set<SessionId>& sessions);

 private:
  struct Entry {
    AccessClaims claims;
    User user;
    Timestamp read_at;
  };

  static constexpr std::size_t kParts = 16;

  struct Part {
    std::mutex mutex;
    RecentMap<Digest, Entry, DigestHash> entries{kCapacity / kParts};  // under mutex
  };

  Part& part_of(const Digest& token) { return parts_[token.back() % kParts]; }

  template <class Predicate>
  void forget_if(Predicate predicate);

  std::atomic<std::uint64_t> generation_ = 0;  // counts the forgetting
  std::array<Part, kParts> parts_;
};

}  // namespace izpo::services
