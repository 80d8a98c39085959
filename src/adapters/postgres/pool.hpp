#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "adapters/postgres/connection.hpp"
#include "base/worker_pool.hpp"

namespace izpo::postgres {

struct PoolRules {
  std::size_t most_connections = 4;
  std::size_t longest_line = 4096;           // who may wait for a connection; the next gets kOverloaded
  std::chrono::milliseconds patience{5000};  // of who waits
  std::chrono::milliseconds connect_patience{5000};
  bool reports = true;  // in the log when PostgreSQL cannot be reached, and when it can again
};

// What all pools of a database share. Outlives them.
struct Connecting {
  Connector connector;
  std::atomic<bool> prepares = true;  // false as soon as a pooler shows itself
  std::atomic<bool> stopping = false;
  WorkerPool workers;  // on which connections are made: that blocks

  explicit Connecting(Address to);
};

// A few connections on one loop, made when they are needed. Everything happens on that loop, but for close().
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  using Clock = std::chrono::steady_clock;

  // A connection for one transaction. Gives it back when it goes, or closes it when it is lost or
  // keep() was not called: nobody knows then in which state it is.
  class Lease {
   public:
    Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection)
        : pool_(std::move(pool)), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_), kept_);
    }
    Connection& connection() const { return *connection_; }
    void keep() { kept_ = true; }

   private:
    std::shared_ptr<Pool> pool_;
    std::unique_ptr<Connection> connection_;
    bool kept_ = false;
  };

  Pool(Connecting& connecting, const Executor& loop, const PoolRules& rules);

  const Executor& loop() const { return loop_; }

  // Fails with kOverloaded, kShuttingDown, and kStorageUnavailable: no connection can be had. While that is
  // so the answer is immediate, and one try is made now and then, when somebody asks; the pauses grow to two
  // seconds.
  Task<Result<Lease>> acquire();

  // Closes the idle connections and refuses who comes. On the loop, or when it has stopped.
  void close();

 private:
  struct Waiter {
    Clock::time_point until;
    Resume resume;
    std::unique_ptr<Connection> connection;  // handed over; none: look again
    std::optional<Error> refused;
  };

  void give_back(std::unique_ptr<Connection> connection, bool kept);
  Task<Result<Lease>> connect();
  void failed(const Error& error);
  std::unique_ptr<Connection> take_idle();
  Lease lease(std::unique_ptr<Connection> connection);
  void wake_first();
  void watch();
  void look_at_clock();

  Connecting& connecting_;
  const Executor loop_;
  const PoolRules rules_;
  bool closed_ = false;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last one used most lately
  std::vector<Connection*> leased_;
  std::size_t open_ = 0;    // idle, leased or being made
  std::size_t making_ = 0;  // of these
  std::deque<std::shared_ptr<Waiter>> line_;
  // Since the last connection that could be made:
  int failures_ = 0;
  Clock::time_point next_try_;
  std::optional<Error> last_failure_;
  std::minstd_rand jitter_;

  boost::asio::steady_timer::rebind_executor<Executor>::other watch_;
  bool watching_ = false;
};

}  // namespace izpo::postgres
