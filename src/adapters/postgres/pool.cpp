#include "adapters/postgres/pool.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{2000};
constexpr std::chrono::milliseconds kTick{100};  // how coarse deadlines are
constexpr std::size_t kMakers = 2;
constexpr std::size_t kMostWaitingMakers = 256;

}  // namespace

Connecting::Connecting(Address to)
    : connector(std::move(to)),
      prepares(!connector.address().pooled),
      workers(kMakers, kMostWaitingMakers,
              {.full = reason::kOverloaded,
               .stopping = reason::kShuttingDown,
               .failed = reason::kStorageUnavailable}) {}

Pool::Pool(Connecting& connecting, const Executor& loop, const PoolRules& rules)
    : connecting_(connecting), loop_(loop), rules_(rules), jitter_(std::random_device{}()), watch_(loop) {}

Pool::Lease Pool::lease(std::unique_ptr<Connection> connection) {
  leased_.push_back(connection.get());
  watch();
  return {shared_from_this(), std::move(connection)};
}

std::unique_ptr<Connection> Pool::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_alive()) return connection;
    --open_;
  }
  return nullptr;
}

Task<Result<Pool::Lease>> Pool::acquire() {
  const auto until = Clock::now() + rules_.patience;
  while (true) {
    if (closed_) co_return fail(reason::kShuttingDown);
    if (auto connection = take_idle()) co_return lease(std::move(connection));
    const bool may_try = failures_ == 0 || (making_ == 0 && Clock::now() >= next_try_);
    if (open_ < rules_.most_connections && may_try) co_return co_await connect();
    if (open_ == 0 && last_failure_) co_return fail(*last_failure_);
    if (line_.size() >= rules_.longest_line) co_return fail(reason::kOverloaded);

    auto waiter = std::make_shared<Waiter>();
    waiter->until = until;
    watch();
    co_await suspend([&](Resume resume) {
      waiter->resume = std::move(resume);
      line_.push_back(waiter);
    });
    if (waiter->refused) co_return fail(*std::move(waiter->refused));
    if (waiter->connection) co_return lease(std::move(waiter->connection));
  }
}

Task<Result<Pool::Lease>> Pool::connect() {
  const auto self = shared_from_this();
  ++open_;
  ++making_;
  auto handle = co_await connecting_.workers.run(
      [this] { return connecting_.connector.connect(rules_.connect_patience, connecting_.stopping); });
  --making_;
  if (closed_) {
    --open_;
    co_return fail(reason::kShuttingDown);
  }
  if (!handle) {
    --open_;
    failed(handle.error());
    co_return fail(std::move(handle).error());
  }
  if (failures_ > 0 && rules_.reports)
    spdlog::info("connected to PostgreSQL again ({})", connecting_.connector.address().shown);
  failures_ = 0;
  last_failure_.reset();
  co_return lease(std::make_unique<Connection>(*std::move(handle), loop_, connecting_.prepares));
}

void Pool::failed(const Error& error) {
  if (failures_ == 0 && rules_.reports) spdlog::error("{}", error.log_detail);
  const auto pause = std::min(kLongestPause, kFirstPause * (1 << std::min(failures_, 8)));
  ++failures_;
  // Half of it by chance: many servers do not come back in one moment.
  const auto half = pause.count() / 2;
  std::uniform_int_distribution<std::int64_t> spread(0, half);
  next_try_ = Clock::now() + std::chrono::milliseconds(half + spread(jitter_));
  last_failure_ = error;
  if (open_ > 0) return wake_first();
  // Nobody will give one back.
  for (const auto& waiter : std::exchange(line_, {})) {
    waiter->refused = error;
    waiter->resume();
  }
}

void Pool::wake_first() {
  if (line_.empty()) return;
  const auto waiter = std::move(line_.front());
  line_.pop_front();
  waiter->resume();
}

void Pool::give_back(std::unique_ptr<Connection> connection, bool kept) {
  std::erase(leased_, connection.get());
  if (closed_ || !kept || connection->is_lost()) {
    connection.reset();
    --open_;
    wake_first();  // who may make another
    return;
  }
  if (line_.empty()) {
    idle_.push_back(std::move(connection));
    return;
  }
  const auto waiter = std::move(line_.front());
  line_.pop_front();
  waiter->connection = std::move(connection);
  waiter->resume();
}

void Pool::watch() {
  if (watching_ || closed_) return;
  watching_ = true;
  watch_.expires_after(kTick);
  watch_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self) return;
    self->watching_ = false;
    if (!error) self->look_at_clock();
  });
}

void Pool::look_at_clock() {
  const auto now = Clock::now();
  for (Connection* connection : leased_) {
    if (connection->deadline() <= now) connection->expire();
  }
  while (!line_.empty() && line_.front()->until <= now) {
    const auto waiter = std::move(line_.front());
    line_.pop_front();
    waiter->refused = unavailable("no connection to PostgreSQL became free in time");
    waiter->resume();
  }
  if (!leased_.empty() || !line_.empty()) watch();
}

void Pool::close() {
  closed_ = true;
  watch_.cancel();
  open_ -= idle_.size();
  idle_.clear();
  for (const auto& waiter : std::exchange(line_, {})) {
    waiter->refused = reason::kShuttingDown;
    waiter->resume();
  }
}

}  // namespace izpo::postgres
