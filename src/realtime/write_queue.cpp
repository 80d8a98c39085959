#include "realtime/write_queue.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "domain/reasons.hpp"

namespace izpo::realtime {
namespace asio = boost::asio;
namespace {

// The completions that are due on one loop, run there in one go.
struct Due {
  Executor loop;
  std::vector<std::pair<MessageLog::Completion, AppendOutcome>> completions;
};

Due& due_on(std::vector<Due>& all, const Executor& loop) {
  const auto found = std::ranges::find(all, loop, &Due::loop);
  return found != all.end() ? *found : all.emplace_back(Due{loop, {}});
}

void run_on_its_loop(Due due) {
  const auto loop = due.loop;
  asio::post(loop, [due = std::move(due)]() mutable {
    for (auto& [done, outcome] : due.completions) done(std::move(outcome));
  });
}

}  // namespace

WriteQueue::WriteQueue(MessageStore& store, Hub& hub, const Clock& clock, const Executor& home, Limits limits)
    : store_(store), hub_(hub), clock_(clock), home_(home), limits_(limits) {
  for (std::size_t i = 0; i < store.appends_at_once(); ++i) lanes_.emplace_back(home);
}

WriteQueue::Lane& WriteQueue::lane_of(RoomId room) {
  return lanes_[static_cast<std::size_t>(room.value) % lanes_.size()];
}

void WriteQueue::append(PendingMessage message, Executor home, Completion done) {
  Reason refusal = reason::kOverloaded;
  {
    const std::lock_guard lock(mutex_);
    const auto size = message.content.size();
    const bool fits = queued_ < limits_.messages && queued_bytes_ + size <= limits_.bytes;
    if (!stopping_ && fits) {
      Lane& lane = lane_of(message.room);
      ++queued_;
      queued_bytes_ += size;
      lane.queue.push_back({std::move(message), std::move(home), std::move(done)});
      wake(lane);
      return;
    }
    if (stopping_) refusal = reason::kShuttingDown;
  }
  asio::post(home, [done = std::move(done), refusal]() mutable { done(fail(refusal)); });
}

void WriteQueue::change(Change change, Executor home, ChangeCompletion done) {
  Reason refusal = reason::kOverloaded;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && changes_.size() < limits_.changes) {
      changes_.push_back({std::move(change), std::move(home), std::move(done)});
      wake_all();
      return;
    }
    if (stopping_) refusal = reason::kShuttingDown;
  }
  asio::post(home, [done = std::move(done), refusal]() mutable { done(fail(refusal)); });
}

void WriteQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wake_all();
}

// Under mutex_. The cancel is posted, so it finds the wait that the writer begins after it has set `idle`.
void WriteQueue::wake(Lane& lane) {
  if (std::exchange(lane.idle, false)) asio::post(home_, [&lane] { lane.sleep.cancel(); });
}

// Under mutex_.
void WriteQueue::wake_all() {
  for (Lane& lane : lanes_) wake(lane);
}

WriteQueue::Next WriteQueue::next(Lane& lane) {
  Next next;
  const std::lock_guard lock(mutex_);
  const bool paused = changing_ || (!changes_.empty() && !lane.before_changes);
  // Whoever commits last makes the changes.
  const auto is_before_changes = [](const Lane& each) {
    return each.committing || (each.before_changes && !each.queue.empty());
  };
  if (!paused && !lane.queue.empty()) {
    take(lane, next.batch);
  } else if (!changes_.empty() && !changing_ && std::ranges::none_of(lanes_, is_before_changes)) {
    next.changes.swap(changes_);
  } else {
    next.done = stopping_ && lane.queue.empty() && changes_.empty() && !changing_;
    lane.idle = !next.done;
  }
  return next;
}

// Under mutex_.
void WriteQueue::take(Lane& lane, std::vector<Entry>& batch) {
  if (lane.queue.size() <= limits_.batch) {
    batch.swap(lane.queue);
  } else {
    const auto end = lane.queue.begin() + static_cast<std::ptrdiff_t>(limits_.batch);
    batch.assign(std::make_move_iterator(lane.queue.begin()), std::make_move_iterator(end));
    lane.queue.erase(lane.queue.begin(), end);
  }
  lane.before_changes = false;
  queued_ -= batch.size();
  for (const auto& entry : batch) queued_bytes_ -= entry.message.content.size();
}

Task<> WriteQueue::run(std::size_t writer) {
  Lane& lane = lanes_[writer];
  for (;;) {
    auto next = this->next(lane);
    if (next.done) co_return;
    if (!next.batch.empty()) {
      lane.committing = true;
      co_await commit(std::move(next.batch));
      lane.committing = false;
      settle(lane);
    } else if (!next.changes.empty()) {
      changing_ = true;
      for (auto& change : next.changes) co_await make(std::move(change));
      end_changes();
    } else {
      co_await lane.sleep.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
    }
  }
}

void WriteQueue::end_changes() {
  changing_ = false;
  for (Lane& lane : lanes_) {
    lane.before_changes = true;
    settle(lane);
  }
  const std::lock_guard lock(mutex_);
  wake_all();
}

void WriteQueue::settle(Lane& lane) {
  for (auto* settling : lane.settling) settling->cancel();
}

Task<> WriteQueue::settled(RoomId room, std::chrono::milliseconds at_most) {
  Lane& lane = lane_of(room);
  if (!lane.committing && !changing_) co_return;
  Timer timer(home_, at_most);
  lane.settling.push_back(&timer);
  static_cast<void>(co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{})));
  std::erase(lane.settling, &timer);
}

Task<> WriteQueue::commit(std::vector<Entry> entries) {
  std::vector<PendingMessage> batch;
  batch.reserve(entries.size());
  for (auto& entry : entries) batch.push_back(std::move(entry.message));

  Result<std::vector<AppendOutcome>> outcomes = fail(reason::kInternal);
  try {
    outcomes = co_await store_.append(std::move(batch), clock_.now());
  } catch (const std::exception& bug) {
    spdlog::error("write queue: the store threw: {}", bug.what());
  }
  if (!outcomes)
    spdlog::error("write queue: {} messages not stored: {}", entries.size(), outcomes.error().log_detail);

  const auto delivery = outcomes ? hub_.encode(*outcomes) : nullptr;
  std::vector<Due> due;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    due_on(due, entries[i].home)
        .completions.emplace_back(std::move(entries[i].done), outcomes
                                                                  ? std::move((*outcomes)[i])
                                                                  : AppendOutcome(fail(outcomes.error())));
  }
  for (auto& each : due) run_on_its_loop(std::move(each));
  if (delivery) hub_.deliver(delivery);
}

Task<> WriteQueue::make(ChangeEntry entry) {
  Result<std::vector<StoredMessage>> changed = fail(reason::kInternal);
  try {
    changed = co_await entry.change();
  } catch (const std::exception& bug) {
    spdlog::error("write queue: a change threw: {}", bug.what());
  }
  const auto delivery = changed ? hub_.encode_changes(*changed) : nullptr;
  asio::post(entry.home,
             [done = std::move(entry.done),
              result = changed ? Result<void>() : Result<void>(fail(std::move(changed).error()))]() mutable {
               done(std::move(result));
             });
  if (delivery) hub_.deliver(delivery);
}

}  // namespace izpo::realtime
