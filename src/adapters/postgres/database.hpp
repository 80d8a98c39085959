#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/postgres/pool.hpp"
#include "adapters/sql/database.hpp"

namespace izpo::postgres {

struct DatabaseOptions {
  Address address;
  std::vector<Executor> loops;  // where connections live; empty: on a thread of the database's own
  std::size_t connections = 4;  // for everything but appending, over all loops; at least one
  std::chrono::milliseconds patience{5000};  // of a statement, and of who waits for a connection
  std::chrono::milliseconds connect_patience{5000};
  bool reports = true;  // in the log that PostgreSQL cannot be reached, and that it can again
  // Whether statements are kept prepared; unset: unless the address is a pooler's.
  std::optional<bool> prepares = std::nullopt;
};

// The driver: a few connections on each loop, and some for who appends messages. A transaction runs on the
// loop of its caller when that has connections, else on one that has. What PostgreSQL undid for another's
// sake, or lost before it was told to commit, is run again, so a body may run more than once.
class Database final : public sql::Database {
 public:
  // Connections for appending. A process of PostgreSQL works on one statement on one core: with two of them
  // its commits overlap too.
  static constexpr std::size_t kWriters = 2;

  explicit Database(DatabaseOptions options);
  ~Database() override;

  Task<Result<void>> run_read(Body body) override;
  Task<Result<void>> run_write(Body body) override;

  // On one of the connections for appending. `body` speaks to the connection itself, and is not run again.
  using Direct = std::move_only_function<Task<Result<void>>(Connection&)>;
  Task<Result<void>> write_directly(Direct body);

  std::chrono::milliseconds patience() const { return options_.patience; }
  const Address& address() const { return options_.address; }

  // Closes every connection. No loop runs any more, unless they are the database's own.
  void close();

 private:
  enum class Kind : std::uint8_t { kRead, kWrite };

  Pool& pool_for(const Executor& caller);
  Task<Result<void>> run(Kind kind, Body body);
  Task<Result<void>> transact(std::shared_ptr<Pool> pool, Kind kind, Body body);
  Task<Result<void>> transact_directly(std::shared_ptr<Pool> pool, Direct body);

  const DatabaseOptions options_;
  std::unique_ptr<boost::asio::io_context> own_loop_;
  std::optional<boost::asio::executor_work_guard<Executor>> keep_running_;
  Connecting connecting_;
  std::vector<std::shared_ptr<Pool>> pools_;
  std::shared_ptr<Pool> writers_;
  std::jthread own_thread_;
};

}  // namespace izpo::postgres
