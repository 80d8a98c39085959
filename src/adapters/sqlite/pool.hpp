#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo::sqlite {

// Connections with a thread each, on which transactions run. SQLite answers at once, so a transaction that
// has begun runs to its end on its thread and never interleaves with another of that thread.
class Pool {
 public:
  // Awaits nothing that does not answer at once.
  using Work = std::move_only_function<Task<Result<void>>(Connection&)>;

  Pool(std::vector<Connection> connections, std::size_t longest_queue);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Runs `work` in a transaction, which is committed when it returns a value and undone when it returns an
  // error or throws. Safe to call from any loop; the caller goes on where it was. A caller that is cancelled
  // meanwhile still waits: what has begun ends. Fails with kOverloaded (too many wait) and kShuttingDown.
  Task<Result<void>> run(Work work);

  // Finishes what was accepted and closes the connections. The loops of all callers must still exist.
  void close();

 private:
  class Lease;
  Task<Result<void>> transact(Work work);

  const std::size_t longest_queue_;
  std::atomic<std::size_t> accepted_ = 0;  // waiting or running
  std::atomic<bool> closed_ = false;

  std::vector<Connection> connections_;  // as many as threads; constant until close
  std::mutex mutex_;
  std::vector<Connection*> idle_;  // under mutex_; one for each thread that runs no transaction

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<Executor> keep_running_;
  std::vector<std::jthread> threads_;
};

}  // namespace izpo::sqlite
