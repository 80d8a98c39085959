#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/use_task.hpp"

namespace izpo {

// A few threads for work that blocks or computes for long, with a bounded line before them. Safe to use from
// any loop. Make it after the loops and destroy it before them: its destructor refuses what still waits, lets
// what runs end, and each of those calls resumes on its loop, if that still turns.
class WorkerPool {
 public:
  // What a call is answered with when its work does not run.
  struct Refusals {
    Reason full;
    Reason stopping;
    Reason failed;  // the work threw: a bug, or no memory
  };

  WorkerPool(std::size_t threads, std::size_t most_waiting, Refusals refusals);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  using Job = std::move_only_function<void(std::optional<Reason> refused)>;  // called exactly once

  // For what nobody waits for, such as tidying up: `job` runs on one of the threads, or at once on this one
  // with why no thread takes it. `job` must not throw.
  void submit(Job job);

  // Runs `work` on one of the threads; the caller comes back on its own loop with what it returned, a Result.
  // Fails with one of the refusals. What `work` refers to must stay until then: this is not cancelled.
  template <class Work>
  Task<std::invoke_result_t<Work&>> run(Work work) {
    std::optional<std::invoke_result_t<Work&>> answer;
    co_await suspend([this, &work, &answer](Resume resume) {
      submit([this, &work, &answer, resume = std::move(resume)](std::optional<Reason> refused) mutable {
        if (refused) {
          answer.emplace(refuse(*refused));
        } else {
          answer.emplace(attempt(work));
        }
        resume();
      });
    });
    co_return *std::move(answer);
  }

 private:
  template <class Work>
  std::invoke_result_t<Work&> attempt(Work& work) const {
    try {
      return work();
    } catch (const std::exception& error) {
      return fail(Error(refusals_.failed, error.what()));
    }
  }
  static std::unexpected<Error> refuse(Reason reason);

  void work_off();

  const Refusals refusals_;
  const std::size_t most_waiting_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_:
  std::deque<Job> waiting_;
  bool stopping_ = false;

  std::vector<std::jthread> threads_;
};

}  // namespace izpo
