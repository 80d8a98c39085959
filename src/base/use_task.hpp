#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "base/task.hpp"

namespace izpo {

// Makes an Asio operation a Task; an error is thrown.
inline constexpr boost::asio::use_awaitable_t<Executor> kUseTask{};

// For `auto [error] = co_await socket.async_wait(..., kAwait)`: nothing is thrown, and it costs no coroutine
// frame of its own.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::deferred);

// Wakes a suspended coroutine on its own executor. Call it once, from any thread.
using Resume = std::move_only_function<void()>;

// Suspends the calling coroutine and hands what wakes it to `start`.
inline Task<> suspend(std::move_only_function<void(Resume)> start) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
      [start = std::move(start)](auto handler) mutable {
        start([handler = std::move(handler)]() mutable {
          auto home = boost::asio::get_associated_executor(handler);
          boost::asio::post(home, std::move(handler));
        });
      },
      kUseTask);
}

}  // namespace izpo
