#include "base/task_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>
#include <boost/asio/steady_timer.hpp>

#include "base/log.hpp"

namespace izpo {
namespace {

namespace asio = boost::asio;

Task<> wait_at(Resume& gate, int& passed) {
  co_await suspend([&gate](Resume resume) { gate = std::move(resume); });
  ++passed;
}

Task<> note_end(TaskGroup& group, bool& ended) {
  co_await group.wait();
  ended = true;
}

TEST(TaskGroup, WaitReturnsWhenTheLastTaskHasEnded) {
  asio::io_context loop;
  TaskGroup group;
  TaskGroup watchers;
  Resume first;
  Resume second;
  int passed = 0;
  bool ended = false;
  group.spawn(loop.get_executor(), "first", wait_at(first, passed));
  group.spawn(loop.get_executor(), "second", wait_at(second, passed));
  watchers.spawn(loop.get_executor(), "watcher", note_end(group, ended));
  loop.poll();
  EXPECT_EQ(group.running(), 2U);
  first();
  loop.poll();
  EXPECT_EQ(passed, 1);
  EXPECT_FALSE(ended);
  second();
  loop.poll();
  EXPECT_TRUE(ended);
  EXPECT_EQ(group.running(), 0U);
}

TEST(TaskGroup, WaitReturnsAtOnceWhenNothingRuns) {
  asio::io_context loop;
  TaskGroup empty;
  TaskGroup watchers;
  bool ended = false;
  watchers.spawn(loop.get_executor(), "watcher", note_end(empty, ended));
  loop.run();
  EXPECT_TRUE(ended);
}

// Replaces the default logger while it lives.
class LogCapture {
 public:
  LogCapture() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("capture", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~LogCapture() { spdlog::set_default_logger(before_); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

Task<> explode() {
  throw std::runtime_error("made-up failure");
  co_return;
}

TEST(TaskGroup, AnEscapedExceptionIsLoggedUnderTheTasksNameAndEndsThatTaskOnly) {
  const LogCapture log;
  asio::io_context loop;
  TaskGroup group;
  Resume gate;
  int passed = 0;
  group.spawn(loop.get_executor(), "example task", explode());
  group.spawn(loop.get_executor(), "other", wait_at(gate, passed));
  loop.poll();
  EXPECT_THAT(log.text(), testing::HasSubstr("example task ended with an exception: made-up failure"));
  EXPECT_EQ(group.running(), 1U);
  gate();
  loop.poll();
  EXPECT_EQ(passed, 1);
}

Task<> sleep_for_ever(int& began) {
  ++began;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      timer(co_await asio::this_coro::executor);
  timer.expires_at(std::chrono::steady_clock::time_point::max());
  co_await timer.async_wait(kUseTask);
}

TEST(TaskGroup, CancelEndsTasksThatWaitWithoutCallingItABug) {
  const LogCapture log;
  asio::io_context loop;
  TaskGroup group;
  int began = 0;
  group.spawn_until_cancelled(loop.get_executor(), "sleeper", sleep_for_ever(began));
  loop.poll();
  EXPECT_EQ(began, 1);
  EXPECT_EQ(group.running(), 1U);
  group.cancel();
  loop.restart();
  loop.poll();
  EXPECT_EQ(group.running(), 0U);
  EXPECT_EQ(log.text(), "");
}

TEST(TaskGroup, CancelReachesATaskThatHasNotBegun) {
  asio::io_context loop;
  TaskGroup group;
  int began = 0;
  group.spawn_until_cancelled(loop.get_executor(), "sleeper", sleep_for_ever(began));
  group.cancel();
  loop.poll();
  EXPECT_EQ(group.running(), 0U);
}

TEST(TaskGroup, CountsTasksOfManyThreads) {
  std::vector<std::unique_ptr<asio::io_context>> loops;
  for (int i = 0; i < 4; ++i) loops.push_back(std::make_unique<asio::io_context>(1));
  TaskGroup group;
  const auto nothing = []() -> Task<> { co_return; };
  for (int round = 0; round < 1000; ++round) {
    for (const auto& loop : loops) group.spawn(loop->get_executor(), "nothing", nothing());
  }
  bool ended = false;
  asio::io_context home;
  TaskGroup watchers;
  watchers.spawn(home.get_executor(), "watcher", note_end(group, ended));
  {
    std::vector<std::jthread> threads;
    for (const auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });
    home.run();
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace izpo
