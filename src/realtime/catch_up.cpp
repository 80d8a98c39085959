#include "realtime/catch_up.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "domain/reasons.hpp"
#include "ports/page.hpp"

namespace izpo::realtime {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kFirstRetry{50};
constexpr std::chrono::milliseconds kLastRetry{1000};

// A commit here may have stored what was just read, and its senders are answered before they see it. One that
// takes longer than this is in trouble, and not waited for.
constexpr std::chrono::milliseconds kCommitPatience{1000};

}  // namespace

CatchUp::CatchUp(MessageStore& store, Hub& hub, WriteQueue& writes, const Executor& home, Rules rules)
    : store_(store), hub_(hub), writes_(writes), home_(home), rules_(rules) {
  hub_.cursors().on_gap([this] {
    if (idle_.empty()) return;
    auto wake = std::move(idle_.back());
    idle_.pop_back();
    wake();
  });
}

void CatchUp::start(TaskGroup& group) {
  for (std::size_t i = 0; i < rules_.readers; ++i) group.spawn(home_, "read gaps", read_gaps());
  if (rules_.ask_every.count() > 0) group.spawn(home_, "ask for news", ask());
}

void CatchUp::stop() {
  asio::post(home_, [this] {
    stopping_ = true;
    for (auto& wake : std::exchange(idle_, {})) wake();
    for (auto* pause : pauses_) pause->cancel();
  });
}

Task<> CatchUp::read_gaps() {
  std::chrono::milliseconds retry = kFirstRetry;
  while (!stopping_) {
    const auto gap = hub_.cursors().next_gap();
    if (!gap) {
      co_await suspend([this](Resume resume) { idle_.push_back(std::move(resume)); });
      continue;
    }
    const auto result = co_await read(*gap);
    report(reads_well_, result, "read what other processes wrote");
    if (result) {
      retry = kFirstRetry;
      continue;
    }
    co_await pause(retry);
    retry = std::min(2 * retry, kLastRetry);
    hub_.cursors().failed(*gap);
  }
}

Task<Result<void>> CatchUp::read(RoomCursors::Gap gap) {
  const auto read = co_await store_.replay(gap.room, gap.after, kMaxPageSize);
  if (!read && read.error().reason == reason::kRoomNotFound) {
    hub_.close_room(gap.room, {});
    hub_.cursors().forget(gap.room);
    co_return Result<void>();
  }
  if (!read) co_return fail(read.error());
  co_await writes_.settled(gap.room, kCommitPatience);
  hub_.fill(gap, *read);
  co_return Result<void>();
}

Task<> CatchUp::ask() {
  while (!stopping_) {
    co_await pause(rules_.ask_every);
    if (stopping_) co_return;
    report(asks_well_, co_await ask_once(), "ask for what other processes wrote");
  }
}

Task<Result<void>> CatchUp::ask_once() {
  const auto asked = hub_.cursors().rooms();
  if (asked.empty()) co_return Result<void>();
  IZPO_CO_TRY(const auto answer, co_await store_.last_seqs(asked));
  std::unordered_set<RoomId> there;
  for (const auto& [room, last] : answer) {
    there.insert(room);
    hub_.cursors().exists(room, last);
  }
  for (const RoomId room : asked) {
    if (there.contains(room)) continue;
    hub_.close_room(room, {});
    hub_.cursors().forget(room);
  }
  co_return Result<void>();
}

void CatchUp::report(bool& well, const Result<void>& result, std::string_view what) {
  if (!result && well) spdlog::warn("cannot {}: {}", what, result.error().log_detail);
  if (result && !well) spdlog::info("can {} again", what);
  well = result.has_value();
}

Task<> CatchUp::pause(std::chrono::milliseconds delay) {
  if (stopping_) co_return;
  Timer timer(home_, delay);
  pauses_.push_back(&timer);
  static_cast<void>(co_await timer.async_wait(kAwait));
  std::erase(pauses_, &timer);
}

}  // namespace izpo::realtime
