#include "services/login_throttle.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>

#include "domain/reasons.hpp"

namespace izpo::services {
namespace {

// A customer has at least 64 bits of IPv6 (RFC 6177 §2) and may change the rest at will.
std::string network_of(std::string_view address) {
  namespace ip = boost::asio::ip;
  boost::system::error_code error;
  const ip::address parsed = ip::make_address(address, error);
  if (error || !parsed.is_v6()) return std::string(address);
  const ip::address_v6 v6 = parsed.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes).to_string() + "/64";
}

// Keys are digests: of one size, and not to be steered onto another's by who chooses a name.
Digest key_of(std::string_view kind, std::string_view first, std::string_view second = {}) {
  std::string text(kind);
  text.append(1, '\0').append(first).append(1, '\0').append(second);
  return sha256(text);
}

}  // namespace

Result<LoginThrottle::Attempt> LoginThrottle::begin(std::string_view account, std::string_view address,
                                                    Timestamp now) {
  const std::string network = network_of(address);
  Attempt attempt;
  attempt.place = key_of("place", account, network);
  attempt.charges.push_back({attempt.place, limits_.account_at_address});
  const std::lock_guard lock(mutex_);
  if (known_.find(attempt.place) == nullptr) {
    attempt.charges.push_back({key_of("address", network), limits_.address});
    attempt.charges.push_back({key_of("account", account), limits_.account_elsewhere});
  }
  return charge(std::move(attempt), now);
}

Result<LoginThrottle::Attempt> LoginThrottle::begin_inside(std::string_view account, std::string_view place,
                                                           Timestamp now) {
  Attempt attempt;
  attempt.place = key_of("inside", account, place);
  attempt.charges.push_back({attempt.place, limits_.account_at_address});
  const std::lock_guard lock(mutex_);
  return charge(std::move(attempt), now);
}

Result<LoginThrottle::Attempt> LoginThrottle::charge(Attempt attempt, Timestamp now) {
  std::chrono::microseconds wait{0};
  for (const auto& [key, budget] : attempt.charges) {
    const WholeAt* spent = spent_.find(key);
    if (spent == nullptr) continue;
    const auto debt = spent->time + budget.refill - now;
    wait = std::max(wait, debt - budget.failures * budget.refill);
  }
  if (wait > std::chrono::microseconds{0}) {
    Error error(reason::kTooManyLogins);
    error.retry_after = std::chrono::ceil<std::chrono::seconds>(wait);
    return fail(std::move(error));
  }
  for (const auto& [key, budget] : attempt.charges) {
    WholeAt& spent = spent_[key];
    spent.time = std::max(spent.time, now) + budget.refill;
  }
  return attempt;
}

void LoginThrottle::succeeded(const Attempt& attempt) {
  cancelled(attempt);
  const std::lock_guard lock(mutex_);
  spent_[attempt.place] = {};
  known_[attempt.place] = true;
}

void LoginThrottle::cancelled(const Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, budget] : attempt.charges) {
    if (WholeAt* spent = spent_.find(key)) spent->time -= budget.refill;
  }
}

}  // namespace izpo::services
