#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/task.hpp"

namespace izpo::app {

// Runs a task to its end on this thread, and `loop` with it: for commands that do one thing after the other.
// What the task throws is thrown.
template <class T>
T block_on(boost::asio::io_context& loop, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
    thrown = std::move(error);
    result = std::move(value);
  });
  loop.restart();
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}

}  // namespace izpo::app
