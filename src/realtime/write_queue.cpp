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
    : store_(store),
      hub_(hub),
      clock_(clock),
      home_(home),
      limits_(limits),
      sleep_(home, std::chrono::steady_clock::time_point::max()) {}

void WriteQueue::append(PendingMessage message, Executor home, Completion done) {
  Reason refusal = reason::kOverloaded;
  {
    const std::lock_guard lock(mutex_);
    const auto size = message.content.size();
    const bool fits = queue_.size() < limits_.messages && queued_bytes_ + size <= limits_.bytes;
    if (!stopping_ && fits) {
      queued_bytes_ += size;
      queue_.push_back({std::move(message), std::move(home), std::move(done)});
      wake();
      return;
    }
    if (stopping_) refusal = reason::kShuttingDown;
  }
  asio::post(home, [done = std::move(done), refusal]() mutable { done(fail(refusal)); });
}

void WriteQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wake();
}

// Under mutex_. The cancel is posted, so it finds the wait that run() begins after it has set idle_.
void WriteQueue::wake() {
  if (std::exchange(idle_, false)) asio::post(home_, [this] { sleep_.cancel(); });
}

std::vector<WriteQueue::Entry> WriteQueue::take() {
  std::vector<Entry> taken;
  const std::lock_guard lock(mutex_);
  if (queue_.size() <= limits_.batch) {
    taken.swap(queue_);
    queued_bytes_ = 0;
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits_.batch);
    taken.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    for (const auto& entry : taken) queued_bytes_ -= entry.message.content.size();
  }
  idle_ = taken.empty() && !stopping_;
  return taken;
}

Task<> WriteQueue::run() {
  for (;;) {
    auto entries = take();
    if (!entries.empty()) {
      co_await commit(std::move(entries));
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ && queue_.empty()) co_return;
      if (!idle_) continue;  // something came meanwhile
    }
    co_await sleep_.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
  }
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

}  // namespace izpo::realtime
