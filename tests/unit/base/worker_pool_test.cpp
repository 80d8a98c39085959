#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "support/run_task.hpp"

namespace izpo {
namespace {

constexpr Reason kFull{ErrorCode::kUnavailable, "full"};
constexpr Reason kStopping{ErrorCode::kUnavailable, "stopping"};
constexpr Reason kFailed{ErrorCode::kInternal, "failed"};
constexpr WorkerPool::Refusals kRefusals{.full = kFull, .stopping = kStopping, .failed = kFailed};

Task<Result<std::thread::id>> thread_of_work(WorkerPool& pool, std::thread::id& came_back_on) {
  auto answer = co_await pool.run([]() -> Result<std::thread::id> { return std::this_thread::get_id(); });
  came_back_on = std::this_thread::get_id();
  co_return answer;
}

TEST(WorkerPool, WorksElsewhereAndComesBack) {
  WorkerPool pool(1, 1, kRefusals);
  std::thread::id came_back_on;
  const auto worked_on = testing::run_task(thread_of_work(pool, came_back_on));
  ASSERT_TRUE(worked_on);
  EXPECT_NE(*worked_on, std::this_thread::get_id());
  EXPECT_EQ(came_back_on, std::this_thread::get_id());
}

TEST(WorkerPool, AnswersForWorkThatThrew) {
  WorkerPool pool(1, 1, kRefusals);
  const auto answer =
      testing::run_task(pool.run([]() -> Result<int> { throw std::runtime_error("broken"); }));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, kFailed);
  EXPECT_EQ(answer.error().log_detail, "broken");
}

// A pool of one thread that is busy until told, one place in its line, and what became of each call.
class BusyPool : public ::testing::Test {
 protected:
  Task<> call(std::shared_future<void> gate, std::promise<void>* begun, std::optional<Result<int>>& answer) {
    answer = co_await pool_->run([=]() -> Result<int> {
      if (begun != nullptr) begun->set_value();
      gate.wait();
      return 7;
    });
  }

  void start(std::optional<Result<int>>& answer, std::promise<void>* begun = nullptr) {
    boost::asio::co_spawn(loop_, call(opened_, begun, answer), boost::asio::detached);
    loop_.poll();
  }

  boost::asio::io_context loop_;
  std::promise<void> gate_;
  std::shared_future<void> opened_ = gate_.get_future().share();
  std::unique_ptr<WorkerPool> pool_ = std::make_unique<WorkerPool>(1, 1, kRefusals);
};

TEST_F(BusyPool, RefusesWhatFindsItsLineFull) {
  std::optional<Result<int>> running;
  std::optional<Result<int>> waiting;
  std::optional<Result<int>> refused;
  std::promise<void> begun;
  start(running, &begun);
  begun.get_future().wait();
  start(waiting);
  start(refused);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error().reason, kFull);
  EXPECT_GT(refused->error().retry_after.count(), 0);
  gate_.set_value();
  loop_.run();
  EXPECT_EQ(*running, 7);
  EXPECT_EQ(*waiting, 7);
}

TEST_F(BusyPool, RefusesWhatWaitsWhenItStops) {
  std::optional<Result<int>> running;
  std::optional<Result<int>> waiting;
  std::promise<void> begun;
  start(running, &begun);
  begun.get_future().wait();
  start(waiting);
  std::jthread stopper([this] { pool_.reset(); });
  while (!waiting) loop_.run_one();  // refused before the running one has ended
  EXPECT_EQ(waiting->error().reason, kStopping);
  EXPECT_FALSE(running);
  gate_.set_value();
  stopper.join();
  loop_.run();
  EXPECT_EQ(*running, 7);
}

}  // namespace
}  // namespace izpo
