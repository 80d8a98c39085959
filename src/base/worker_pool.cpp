#include "base/worker_pool.hpp"

namespace izpo {

WorkerPool::WorkerPool(std::size_t threads, std::size_t most_waiting, Refusals refusals)
    : refusals_(refusals), most_waiting_(most_waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work_off(); });
}

WorkerPool::~WorkerPool() {
  std::deque<Job> refused;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    refused.swap(waiting_);
  }
  changed_.notify_all();
  for (Job& job : refused) job(refusals_.stopping);
  threads_.clear();  // joins
}

std::unexpected<Error> WorkerPool::refuse(Reason reason) {
  Error error(reason);
  if (reason.code == ErrorCode::kUnavailable) error.retry_after = std::chrono::seconds(1);
  return fail(std::move(error));
}

void WorkerPool::submit(Job job) {
  std::optional<Reason> refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = refusals_.stopping;
    } else if (waiting_.size() >= most_waiting_) {
      refused = refusals_.full;
    } else {
      waiting_.push_back(std::exchange(job, nullptr));
    }
  }
  if (refused) {
    job(refused);
  } else {
    changed_.notify_one();
  }
}

void WorkerPool::work_off() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job(std::nullopt);
  }
}

}  // namespace izpo
