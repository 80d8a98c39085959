#include "adapters/sqlite/pool.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::sqlite {

// A connection taken from the pool, and a place in its queue given back.
class Pool::Lease {
 public:
  explicit Lease(Pool& pool) : pool_(pool), connection_(take(pool)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    const std::scoped_lock lock(pool_.mutex_);
    pool_.idle_.push_back(&connection_);
    pool_.accepted_.fetch_sub(1, std::memory_order_relaxed);
  }

  Connection& connection() { return connection_; }

 private:
  static Connection& take(Pool& pool) {
    const std::scoped_lock lock(pool.mutex_);
    Connection& connection = *pool.idle_.back();
    pool.idle_.pop_back();
    return connection;
  }

  Pool& pool_;
  Connection& connection_;
};

Pool::Pool(std::vector<Connection> connections, std::size_t longest_queue)
    : longest_queue_(longest_queue),
      connections_(std::move(connections)),
      loop_(static_cast<int>(connections_.size())),
      keep_running_(loop_.get_executor()) {
  for (Connection& connection : connections_) idle_.push_back(&connection);
  for (std::size_t i = 0; i < connections_.size(); ++i) threads_.emplace_back([this] { loop_.run(); });
}

Pool::~Pool() {
  close();
}

void Pool::close() {
  closed_ = true;
  keep_running_.reset();
  for (std::jthread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  idle_.clear();
  connections_.clear();
}

Task<Result<void>> Pool::run(Work work) {
  if (closed_) co_return fail(reason::kShuttingDown);
  if (accepted_.fetch_add(1, std::memory_order_relaxed) >= longest_queue_) {
    accepted_.fetch_sub(1, std::memory_order_relaxed);
    co_return fail(reason::kOverloaded);
  }
  co_return co_await boost::asio::co_spawn(
      loop_, transact(std::move(work)),
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), kUseTask));
}

Task<Result<void>> Pool::transact(Work work) {
  Lease lease(*this);
  IZPO_CO_TRY(Transaction transaction, Transaction::begin(lease.connection()));
  IZPO_CO_CHECK(co_await work(lease.connection()));
  co_return transaction.commit();
}

}  // namespace izpo::sqlite
