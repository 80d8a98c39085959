#include "services/neighbours.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "domain/room.hpp"

namespace izpo::services {
namespace {

// A change may show itself so much later than one with a higher number: its transaction took long.
constexpr std::chrono::seconds kOverlap{60};
constexpr std::chrono::seconds kMarkEvery{5};
// The first sweep looks at so many of the latest: sockets were there before it, and changes under way.
constexpr std::int64_t kStartOverlap = 1000;
// So long news stay in the store: every process must have swept meanwhile.
constexpr std::chrono::hours kKept{1};
constexpr std::chrono::minutes kPurgeEvery{10};

}  // namespace

Task<Result<void>> Neighbours::sweep() {
  const Timestamp now = ports_.clock.now();
  if (!begun_) {
    IZPO_CO_TRY(const auto last, co_await ports_.news.last());
    floor_ = std::max<std::int64_t>(0, last - kStartOverlap);
    begun_ = true;
  }
  IZPO_CO_TRY(const auto found, co_await ports_.news.after(floor_));
  std::set<std::pair<RoomId, std::optional<UserId>>> told;
  for (const RoomNews& news : found) {
    if (known_.contains(news.number)) continue;
    const bool is_first = told.insert({news.room, news.user}).second;
    if (is_first) IZPO_CO_CHECK(co_await pass_on(news));
    known_.insert(news.number);
  }
  if (marks_.empty() || now - marks_.back().at >= kMarkEvery) {
    IZPO_CO_TRY(const auto last, co_await ports_.news.last());
    marks_.push_back({now, last});
  }
  advance(now);
  if (!purgeable_.empty() && now - purgeable_.front().at >= kKept) {
    const auto number = purgeable_.front().number;
    purgeable_.pop_front();
    IZPO_CO_CHECK(co_await ports_.news.purge(number));
  }
  co_return Result<void>();
}

Task<Result<void>> Neighbours::pass_on(RoomNews news) {
  if (!ports_.live.concerned(news.room, news.user)) co_return Result<void>();
  if (!news.user) co_return co_await pass_on_room(news.room);
  const RoomId room = news.room;
  const UserId user = *news.user;
  IZPO_CO_TRY(const auto found, co_await ports_.rooms.find(room, user));
  if (!found) {
    ports_.live.close_room(room, {user});
  } else if (found->standing == Standing::kMember) {
    co_await ports_.access.announce(room, user);
  } else {
    ports_.live.close_member(room, user);
  }
  co_return Result<void>();
}

Task<Result<void>> Neighbours::pass_on_room(RoomId room) {
  IZPO_CO_TRY(auto found, co_await ports_.rooms.find(room, std::nullopt));
  if (!found) {
    ports_.live.close_room(room, {});
    co_return Result<void>();
  }
  IZPO_CO_TRY(auto owner, co_await ports_.users.find(found->room.owner));
  IZPO_CO_TRY(const auto members, co_await ports_.members.ids(room));
  if (owner) ports_.live.room_changed({std::move(found->room), *std::move(owner)}, members);
  co_return Result<void>();
}

void Neighbours::advance(Timestamp now) {
  while (!marks_.empty() && now - marks_.front().at > kOverlap) {
    floor_ = std::max(floor_, marks_.front().number);
    marks_.pop_front();
  }
  known_.erase(known_.begin(), known_.upper_bound(floor_));
  if (floor_ > 0 && (purgeable_.empty() || now - purgeable_.back().at >= kPurgeEvery)) {
    purgeable_.push_back({now, floor_});
  }
}

}  // namespace izpo::services
