#include "adapters/postgres/database.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "adapters/postgres/transaction.hpp"
#include "base/log.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace asio = boost::asio;
namespace {

constexpr int kMostRuns = 4;  // of one body

// Of the lock's holder and who waits for it, one must give up before the statement's time is over: it is told
// so.
std::chrono::milliseconds lock_patience(std::chrono::milliseconds statement) {
  return statement * 4 / 5;
}

Pool& pool_on(const std::vector<std::shared_ptr<Pool>>& pools, const Executor& loop, std::size_t otherwise) {
  const auto found = std::ranges::find_if(pools, [&](const auto& pool) { return pool->loop() == loop; });
  return found != pools.end() ? **found : *pools[otherwise % pools.size()];
}

}  // namespace

Database::Database(DatabaseOptions options)
    : options_(std::move(options)),
      own_loop_(options_.loops.empty() ? std::make_unique<asio::io_context>(1) : nullptr),
      connecting_(options_.address) {
  if (options_.prepares) connecting_.prepares = *options_.prepares;
  const auto rules_for = [this](std::size_t most) {
    return PoolRules{.most_connections = most,
                     .patience = options_.patience,
                     .connect_patience = options_.connect_patience,
                     .reports = options_.reports};
  };
  std::vector<Executor> loops = options_.loops;
  if (own_loop_) {
    loops.push_back(own_loop_->get_executor());
    keep_running_.emplace(loops.front());
  }
  const std::size_t connections = std::max<std::size_t>(options_.connections, 1);
  const std::size_t count = std::min(loops.size(), connections);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t share = connections / count + (i < connections % count ? 1 : 0);
    pools_.push_back(std::make_shared<Pool>(connecting_, loops[i], rules_for(share)));
  }
  writers_ = std::make_shared<Pool>(connecting_, loops.front(), rules_for(kWriters));
  if (own_loop_) own_thread_ = std::jthread([this] { own_loop_->run(); });
}

Database::~Database() {
  close();
}

void Database::close() {
  connecting_.stopping = true;
  const auto close_pools = [this] {
    for (const auto& pool : pools_) pool->close();
    writers_->close();
  };
  if (!own_thread_.joinable()) return close_pools();
  // What has begun ends first, so the thread does.
  keep_running_.reset();
  asio::post(*own_loop_, close_pools);
  own_thread_.join();
}

Pool& Database::pool_for(const Executor& caller) {
  return pool_on(pools_, caller, std::hash<const void*>{}(&caller.context()) >> 6U);
}

Task<Result<void>> Database::run_read(Body body) {
  return run(Kind::kRead, std::move(body));
}

Task<Result<void>> Database::run_write(Body body) {
  return run(Kind::kWrite, std::move(body));
}

// A caller that is cancelled meanwhile still waits: what has begun ends.
Task<Result<void>> Database::run(Kind kind, Body body) {
  if (connecting_.stopping) co_return fail(reason::kShuttingDown);
  auto pool = pool_for(co_await asio::this_coro::executor).shared_from_this();
  const Executor loop = pool->loop();
  co_return co_await asio::co_spawn(loop, transact(std::move(pool), kind, std::move(body)),
                                    asio::bind_cancellation_slot(asio::cancellation_slot(), kUseTask));
}

Task<Result<void>> Database::transact(std::shared_ptr<Pool> pool, Kind kind, Body body) {
  const Beginning beginning{.begin = kind == Kind::kRead ? kBeginRead : kBeginWrite,
                            .statement_timeout = options_.patience,
                            .lock_timeout = lock_patience(options_.patience)};
  const auto until =
      Connection::Clock::now() + options_.patience;  // a caller waits for one patience, not for many
  for (int run = 1;; ++run) {
    IZPO_CO_TRY(Pool::Lease lease, co_await pool->acquire());
    Transaction transaction(lease.connection(), beginning);
    Result<void> done = co_await body(transaction);
    if (!done) {
      transaction.roll_back();
    } else if (kind == Kind::kRead) {
      transaction.end_reading();
    } else {
      done = co_await transaction.commit();
    }
    lease.keep();
    const bool again = transaction.may_run_again() && run < kMostRuns && Connection::Clock::now() < until;
    if (done || !again) co_return done;
  }
}

Task<Result<void>> Database::write_directly(Direct body) {
  if (connecting_.stopping) co_return fail(reason::kShuttingDown);
  const Executor loop = writers_->loop();
  co_return co_await asio::co_spawn(loop, transact_directly(writers_, std::move(body)),
                                    asio::bind_cancellation_slot(asio::cancellation_slot(), kUseTask));
}

Task<Result<void>> Database::transact_directly(std::shared_ptr<Pool> pool, Direct body) {
  IZPO_CO_TRY(Pool::Lease lease, co_await pool->acquire());
  IZPO_CO_CHECK(co_await body(lease.connection()));
  lease.keep();
  co_return Result<void>();
}

}  // namespace izpo::postgres
