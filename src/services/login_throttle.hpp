#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "services/digest.hpp"
#include "services/recent_map.hpp"

namespace izpo::services {

// So many failures at once, and one more each `refill`.
struct FailureBudget {
  int failures;
  std::chrono::seconds refill;
};

struct LoginLimits {
  // One account tried from one place: somebody who mistypes, or a script on one machine.
  FailureBudget account_at_address{10, std::chrono::seconds(60)};
  // All accounts tried from one place: a school behind one address, or one password tried on everybody.
  FailureBudget address{300, std::chrono::seconds(5)};
  // One account tried from places it never logged in from: many machines against one person.
  FailureBudget account_elsewhere{100, std::chrono::seconds(30)};
  // How many of each are remembered; about 200 bytes apiece.
  std::size_t remembered = 20'000;
};

// Slows the guessing of passwords without locking anybody out: only failures are counted, they are forgiven
// with time, and where an account logged in before, its owner has a budget that no attacker elsewhere can
// spend. Of bounded size and in memory only: a restart forgives all. Thread-safe.
class LoginThrottle {
 public:
  explicit LoginThrottle(LoginLimits limits)
      : limits_(limits), spent_(limits.remembered), known_(limits.remembered) {}

  // One attempt, counted as a failure from its beginning, so that a thousand at once do not all pass before
  // the first has failed. What is destroyed without another word was one.
  class Attempt {
   private:
    friend class LoginThrottle;
    struct Charge {
      Digest key;
      FailureBudget budget;
    };
    Digest place{};
    std::vector<Charge> charges;
  };

  // `account` is any text that is equal for one account. Of an IPv6 address only the network (64 bits)
  // counts. Fails with kTooManyLogins and the seconds to wait; that costs no budget.
  Result<Attempt> begin(std::string_view account, std::string_view address, Timestamp now);

  // For somebody who is inside already and is asked again: their own budget only.
  Result<Attempt> begin_inside(std::string_view account, std::string_view place, Timestamp now);

  // The password was right: gives the attempt back, forgives the account's failures at this place, and
  // remembers the place as the account's own.
  void succeeded(const Attempt& attempt);

  // The password was not looked at: gives the attempt back.
  void cancelled(const Attempt& attempt);

 private:
  // The moment at which a budget is whole again; the past is whole (the "theoretical arrival time" of GCRA).
  struct WholeAt {
    Timestamp time{};
  };

  Result<Attempt> charge(Attempt attempt, Timestamp now);

  const LoginLimits limits_;

  std::mutex mutex_;
  // Under mutex_:
  RecentMap<Digest, WholeAt, DigestHash> spent_;
  RecentMap<Digest, bool, DigestHash> known_;  // (account, address) that succeeded; only a success adds to it
};

}  // namespace izpo::services
