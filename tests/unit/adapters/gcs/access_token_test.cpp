#include "adapters/gcs/access_token.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>

#include "base/task_group.hpp"
#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"
#include "support/run_task.hpp"

namespace izpo::gcs {
namespace {

using testing::FixedClock;
using testing::run_task;

// Gives "token 1", "token 2", … after a turn of the loop; fails as long as it is told to.
class Source final : public TokenSource {
 public:
  Task<Result<Token>> fetch() override {
    ++fetches;
    ++running;
    most_running = std::max(most_running, running);
    co_await suspend([](Resume resume) { resume(); });
    --running;
    if (fails) co_return fail(Error(reason::kStorageUnavailable, "no token"));
    co_return Token{.value = "token " + std::to_string(fetches), .lifetime = std::chrono::hours(1)};
  }

  int fetches = 0;
  int running = 0;
  int most_running = 0;
  bool fails = false;
};

class AccessTokens : public ::testing::Test {
 protected:
  AccessTokens() : source_(new Source), token_(std::unique_ptr<TokenSource>(source_), clock_) {}

  std::string get() {
    const auto got = run_task(token_.get());
    return got ? *got : got.error().log_detail;
  }

  FixedClock clock_;
  Source* source_;
  AccessToken token_;
};

TEST_F(AccessTokens, AreKeptUntilFiveMinutesBeforeTheirEnd) {
  EXPECT_EQ(token_.known(), "");
  EXPECT_EQ(get(), "token 1");
  clock_.advance(std::chrono::minutes(54));
  EXPECT_EQ(get(), "token 1");
  EXPECT_EQ(token_.known(), "token 1");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(get(), "token 2");
  EXPECT_EQ(source_->fetches, 2);
}

TEST_F(AccessTokens, AreRenewedByOneForAll) {
  boost::asio::io_context loop;
  TaskGroup group;
  std::vector<std::string> got;
  const auto ask = [](AccessToken& token, std::vector<std::string>& into) -> Task<> {
    const auto answer = co_await token.get();
    into.push_back(answer ? *answer : answer.error().log_detail);
  };
  for (int i = 0; i < 20; ++i) group.spawn(loop.get_executor(), "ask", ask(token_, got));
  loop.run();
  EXPECT_EQ(got, std::vector<std::string>(20, "token 1"));
  EXPECT_EQ(source_->fetches, 1);
  EXPECT_EQ(source_->most_running, 1);

  // And who waits for one that fails is told so, without asking again each.
  got.clear();
  source_->fails = true;
  token_.refused("token 1");
  for (int i = 0; i < 20; ++i) group.spawn(loop.get_executor(), "ask", ask(token_, got));
  loop.restart();
  loop.run();
  EXPECT_EQ(got, std::vector<std::string>(20, "no token"));
  EXPECT_EQ(source_->fetches, 2);
}

TEST_F(AccessTokens, ThatCannotBeRenewedAreUsedToTheirEnd) {
  EXPECT_EQ(get(), "token 1");
  clock_.advance(std::chrono::minutes(57));
  source_->fails = true;
  EXPECT_EQ(get(), "token 1");
  EXPECT_EQ(get(), "token 1");
  EXPECT_EQ(source_->fetches, 2);  // not at every request
  clock_.advance(std::chrono::seconds(11));
  EXPECT_EQ(get(), "token 1");
  EXPECT_EQ(source_->fetches, 3);
  clock_.advance(std::chrono::minutes(4));
  EXPECT_EQ(get(), "no token");
  source_->fails = false;
  EXPECT_EQ(get(), "token 5");
}

TEST_F(AccessTokens, ThatWereRefusedAreNotGivenAgain) {
  EXPECT_EQ(get(), "token 1");
  token_.refused("another");
  EXPECT_EQ(get(), "token 1");
  token_.refused("token 1");
  EXPECT_EQ(get(), "token 2");
}

}  // namespace
}  // namespace izpo::gcs
