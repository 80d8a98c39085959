#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/task.hpp"

namespace izpo::testing {

// Runs `task` on `loop`, with all else that is there, until nothing is left to do; gives its result or throws
// what it threw.
template <class T>
T run_task(boost::asio::io_context& loop, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
    thrown = std::move(error);
    if (!thrown) result.emplace(std::move(value));
  });
  loop.restart();
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  if (!result) throw std::logic_error("the task never ended");
  return *std::move(result);
}

// The same on a loop that outlives every test: when the task has ended, the pool's thread that resumed it may
// still be inside its post().
template <class T>
T run_task(Task<T> task) {
  static boost::asio::io_context loop;
  return run_task(loop, std::move(task));
}

}  // namespace izpo::testing
