#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "base/use_task.hpp"

namespace izpo {

// The only way to start a coroutine that nobody awaits: every one is known, so that a stop can wait for it.
// Safe to call from any thread. The group must outlive its tasks: await wait() before it goes.
class TaskGroup {
 public:
  TaskGroup() = default;
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` on `executor`, soon. An exception that leaves it is a bug: it is logged under `name` (a
  // literal) and ends that task only.
  void spawn(Executor executor, std::string_view name, Task<> task);

  // The same for a task that runs until it is told to end: cancel() fails what it is waiting for with
  // operation_aborted, and an operation_aborted that leaves it is its end, not a bug.
  void spawn_until_cancelled(Executor executor, std::string_view name, Task<> task);

  // Tells every task started by spawn_until_cancelled, at its next or current wait. Returns at once.
  void cancel();

  // Returns when no task is running; new ones may be started meanwhile and are waited for too.
  Task<> wait();

  std::size_t running() const;

 private:
  struct Cancellable;

  void begin();
  void end();

  mutable std::mutex mutex_;
  // Under mutex_:
  std::size_t running_ = 0;
  std::vector<Resume> waiters_;
  std::vector<std::shared_ptr<Cancellable>> cancellable_;
};

}  // namespace izpo
