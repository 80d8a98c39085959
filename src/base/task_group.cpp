#include "base/task_group.hpp"

#include <cassert>
#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.hpp"

namespace izpo {

namespace asio = boost::asio;

namespace {

void log_escaped(std::string_view name, const std::exception_ptr& error, bool may_be_cancelled) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& failure) {
    if (may_be_cancelled && failure.code() == asio::error::operation_aborted) return;
    spdlog::error("bug: task {} ended with an exception: {}", name, failure.what());
  } catch (const std::exception& failure) {
    spdlog::error("bug: task {} ended with an exception: {}", name, failure.what());
  } catch (...) {
    spdlog::error("bug: task {} ended with an exception of unknown type", name);
  }
}

}  // namespace

// Used on `executor` only: neither a signal nor its slot is thread-safe.
struct TaskGroup::Cancellable {
  explicit Cancellable(Executor home) : executor(std::move(home)) {}

  Executor executor;
  asio::cancellation_signal signal;
  bool cancelled = false;  // perhaps before the task began
};

TaskGroup::~TaskGroup() {
  assert(running_ == 0);
}

void TaskGroup::begin() {
  const std::lock_guard lock(mutex_);
  ++running_;
}

void TaskGroup::end() {
  std::vector<Resume> ready;
  {
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) ready.swap(waiters_);
  }
  // From here on the group may be gone: a waiter may run on another thread.
  for (Resume& resume : ready) resume();
}

void TaskGroup::spawn(Executor executor, std::string_view name, Task<> task) {
  begin();
  asio::co_spawn(executor, std::move(task), [this, name](const std::exception_ptr& error) {
    log_escaped(name, error, false);
    end();
  });
}

void TaskGroup::spawn_until_cancelled(Executor executor, std::string_view name, Task<> task) {
  begin();
  auto entry = std::make_shared<Cancellable>(executor);
  {
    const std::lock_guard lock(mutex_);
    cancellable_.push_back(entry);
  }
  asio::post(executor, [this, name, entry, task = std::move(task)]() mutable {
    auto ended = [this, name, entry](const std::exception_ptr& error) {
      log_escaped(name, error, true);
      {
        const std::lock_guard lock(mutex_);
        std::erase(cancellable_, entry);
      }
      end();
    };
    asio::co_spawn(entry->executor, std::move(task),
                   asio::bind_cancellation_slot(entry->signal.slot(), std::move(ended)));
    if (entry->cancelled) entry->signal.emit(asio::cancellation_type::terminal);
  });
}

void TaskGroup::cancel() {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : cancellable_) {
    asio::post(entry->executor, [entry] {
      entry->cancelled = true;
      entry->signal.emit(asio::cancellation_type::terminal);
    });
  }
}

Task<> TaskGroup::wait() {
  return suspend([this](Resume resume) {
    {
      const std::lock_guard lock(mutex_);
      if (running_ != 0) {
        waiters_.push_back(std::move(resume));
        return;
      }
    }
    resume();
  });
}

std::size_t TaskGroup::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

}  // namespace izpo
