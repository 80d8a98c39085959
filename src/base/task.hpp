#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace izpo {

// One concrete executor everywhere: any_io_executor costs an allocation and a virtual call a hop.
using Executor = boost::asio::io_context::executor_type;

// A coroutine of this program. It runs on the loop (or pool thread) it was started on and comes back to it
// after every co_await, whatever thread did the work in between.
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace izpo
