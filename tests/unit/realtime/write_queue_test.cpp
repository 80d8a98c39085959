#include "realtime/write_queue.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"
#include "support/plain_links.hpp"
#include "support/recording_socket.hpp"

namespace izpo::realtime {
namespace {

namespace asio = boost::asio;
using izpo::testing::client_of;
using izpo::testing::FixedClock;
using izpo::testing::RecordingSocket;
using Texts = std::vector<std::string>;
using Sizes = std::vector<std::size_t>;

constexpr RoomId kRoom(1);

// A store whose commits end when the test says so.
class GatedStore final : public MessageStore {
 public:
  explicit GatedStore(const Executor& loop) : gate_(loop, Timer::time_point::max()) {}

  void open_gate() {
    open_ = true;
    gate_.cancel();
  }

  std::size_t appends_at_once() const override { return at_once; }

  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch, Timestamp now) override {
    batches.push_back(batch.size());
    for (const auto& pending : batch) begun.push_back(pending.content);
    while (!open_) co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
    if (broken) co_return fail(reason::kStorageUnavailable);
    std::vector<AppendOutcome> outcomes;
    for (auto& pending : batch) {
      if (pending.content == "refuse me") {
        outcomes.emplace_back(fail(reason::kNotMember));
        continue;
      }
      const auto seq = ++last_seq_;
      outcomes.emplace_back(AppendedMessage{.message = {.id = MessageId(seq),
                                                        .room = pending.room,
                                                        .sender = pending.sender,
                                                        .seq = Seq(seq),
                                                        .content = pending.content,
                                                        .client_id = pending.client_id,
                                                        .file = pending.file,
                                                        .created_at = now},
                                            .sender = {pending.sender, "ana", std::nullopt},
                                            .file = std::nullopt});
    }
    co_return outcomes;
  }

  Task<Result<std::vector<StoredMessage>>> history(RoomId, HistoryPage) override {
    co_return fail(reason::kInternal);
  }
  Task<Result<Replay>> replay(RoomId, Seq, std::int64_t) override { co_return fail(reason::kInternal); }
  Task<Result<Seq>> last_seq(RoomId) override { co_return Seq(last_seq_); }
  Task<Result<std::vector<RoomLast>>> last_seqs(std::vector<RoomId>) override {
    co_return fail(reason::kInternal);
  }

  std::int64_t take_number() { return ++last_seq_; }

  Sizes batches;
  Texts begun;  // the contents of all batches
  bool broken = false;
  std::size_t at_once = 1;

 private:
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;
  Timer gate_;
  bool open_ = false;
  std::int64_t last_seq_ = 0;
};

class WriteQueueTest : public ::testing::Test {
 protected:
  void start(WriteQueue::Limits limits = {}) {
    queue_.emplace(store_, hub_, clock_, loop_.get_executor(), limits);
    for (std::size_t i = 0; i < queue_->writers(); ++i) {
      asio::co_spawn(loop_, queue_->run(i), [this](const std::exception_ptr& error) {
        EXPECT_FALSE(error);
        ended_ = ++writers_ended_ == queue_->writers();
      });
    }
    poll();
  }

  void append(const std::string& content, RoomId room = kRoom) {
    queue_->append({room, UserId(1), content, std::nullopt, std::nullopt}, loop_.get_executor(),
                   [this](const AppendOutcome& outcome) {
                     outcomes_.push_back(outcome ? std::to_string(outcome->message.seq.value)
                                                 : std::string(outcome.error().reason.name));
                     shown_at_completion_.push_back(reader_.events().size());
                   });
  }

  // The message 1 loses its file.
  Task<Result<std::vector<StoredMessage>>> make_change(bool fails) {
    ++changes_made_;
    if (fails) co_return fail(reason::kFileNotFound);
    const auto seq = Seq(store_.take_number());
    co_return std::vector{StoredMessage{.message = {.id = MessageId(1),
                                                    .room = kRoom,
                                                    .sender = UserId(1),
                                                    .seq = Seq(1),
                                                    .content = "one",
                                                    .client_id = std::nullopt,
                                                    .file = FileId(5),
                                                    .created_at = {},
                                                    .change_seq = seq},
                                        .sender = {},
                                        .file = std::nullopt}};
  }

  void change(bool fails = false) {
    queue_->change([this, fails] { return make_change(fails); }, loop_.get_executor(),
                   [this](const Result<void>& result) {
                     outcomes_.push_back(result ? "ok" : std::string(result.error().reason.name));
                   });
  }

  // One that changes nothing, and calls `meanwhile`.
  void change(const std::function<void()>& meanwhile) {
    queue_->change(
        [meanwhile]() -> Task<Result<std::vector<StoredMessage>>> {
          meanwhile();
          return [] -> Task<Result<std::vector<StoredMessage>>> { co_return std::vector<StoredMessage>(); }();
        },
        loop_.get_executor(), [](const Result<void>& result) { EXPECT_TRUE(result); });
  }

  void poll() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  FixedClock clock_;
  GatedStore store_{loop_.get_executor()};
  testing::PlainLinks links_;
  Hub hub_{{loop_.get_executor()}, clock_, links_};
  RecordingSocket reader_{loop_.get_executor()};
  std::unique_ptr<Subscription> subscription_ =
      hub_.subscribe({kRoom, client_of({UserId(2), "bea", std::nullopt})}, reader_);
  std::optional<WriteQueue> queue_;
  Texts outcomes_;             // a number, or a reason
  Sizes shown_at_completion_;  // how many events the reader had when each outcome came
  int changes_made_ = 0;
  std::size_t writers_ended_ = 0;
  bool ended_ = false;
};

TEST_F(WriteQueueTest, GroupsWhatGatheredDuringACommit) {
  start();
  append("one");
  poll();
  append("two");
  append("three");
  append("four");
  poll();
  EXPECT_TRUE(outcomes_.empty());
  store_.open_gate();
  poll();
  EXPECT_EQ(store_.batches, (Sizes{1, 3}));
  EXPECT_EQ(outcomes_, (Texts{"1", "2", "3", "4"}));
}

TEST_F(WriteQueueTest, AnswersTheSenderBeforeItShowsTheMessage) {
  ASSERT_TRUE(subscription_->go_live(Seq(0)));
  start();
  append("one");
  store_.open_gate();
  poll();
  EXPECT_EQ(shown_at_completion_, (Sizes{0}));
  EXPECT_EQ(reader_.all("message", "content"), (Texts{"\"one\""}));
}

TEST_F(WriteQueueTest, OneRefusalDoesNotFailTheOthers) {
  ASSERT_TRUE(subscription_->go_live(Seq(0)));
  store_.open_gate();
  start();
  append("one");
  append("refuse me");
  append("two");
  poll();
  EXPECT_EQ(outcomes_, (Texts{"1", "not_a_member", "2"}));
  EXPECT_EQ(reader_.all("message", "seq"), (Texts{"1", "2"}));
}

TEST_F(WriteQueueTest, ShowsNothingOfABatchThatWasNotStored) {
  ASSERT_TRUE(subscription_->go_live(Seq(0)));
  store_.open_gate();
  store_.broken = true;
  start();
  append("one");
  append("two");
  poll();
  EXPECT_EQ(outcomes_, (Texts{"storage_unavailable", "storage_unavailable"}));
  EXPECT_TRUE(reader_.events().empty());
  store_.broken = false;
  append("three");
  poll();
  EXPECT_EQ(outcomes_.back(), "1");
}

TEST_F(WriteQueueTest, RefusesWhatDoesNotFitAndTakesAgainLater) {
  start({.messages = 2, .bytes = 100, .batch = 10});
  append("in flight");
  poll();
  append("one");
  append("two");
  append("three");
  poll();
  EXPECT_EQ(outcomes_, (Texts{"overloaded"}));
  store_.open_gate();
  poll();
  append(std::string(101, 'x'));
  append(std::string(100, 'x'));
  poll();
  EXPECT_EQ(outcomes_, (Texts{"overloaded", "1", "2", "3", "overloaded", "4"}));
}

TEST_F(WriteQueueTest, CutsALongQueueIntoBatches) {
  start({.messages = 100, .bytes = 1000, .batch = 2});
  append("in flight");
  poll();
  for (const auto* content : {"a", "b", "c", "d", "e"}) append(content);
  store_.open_gate();
  poll();
  EXPECT_EQ(store_.batches, (Sizes{1, 2, 2, 1}));
  EXPECT_EQ(outcomes_.size(), 6U);
}

TEST_F(WriteQueueTest, StopFinishesWhatIsQueuedAndRefusesTheRest) {
  start();
  append("one");
  poll();
  append("two");
  queue_->stop();
  append("too late");
  poll();
  EXPECT_FALSE(ended_);
  EXPECT_EQ(outcomes_, (Texts{"shutting_down"}));
  store_.open_gate();
  poll();
  EXPECT_EQ(outcomes_, (Texts{"shutting_down", "1", "2"}));
  EXPECT_TRUE(ended_);
}

TEST_F(WriteQueueTest, AChangeComesBetweenBatchesAndIsShownWithItsNumber) {
  ASSERT_TRUE(subscription_->go_live(Seq(0)));
  start();
  append("one");
  change();
  append("two");
  poll();
  EXPECT_EQ(changes_made_, 0);
  store_.open_gate();
  poll();
  EXPECT_EQ(outcomes_, (Texts{"1", "2", "ok"}));
  EXPECT_EQ(reader_.all("message", "seq"), (Texts{"1", "2"}));
  EXPECT_EQ(reader_.all("message_updated", "change_seq"), (Texts{"3"}));
  EXPECT_EQ(reader_.all("message_updated", "seq"), (Texts{"1"}));
  EXPECT_EQ(reader_.all("message_updated", "file_deleted"), (Texts{"true"}));
}

TEST_F(WriteQueueTest, AChangeThatFailsShowsNothing) {
  ASSERT_TRUE(subscription_->go_live(Seq(0)));
  start({.changes = 1});
  change(true);
  change();
  poll();
  EXPECT_EQ(outcomes_, (Texts{"overloaded", "file_not_found"}));
  EXPECT_TRUE(reader_.events().empty());
  queue_->stop();
  change();
  poll();
  EXPECT_EQ(outcomes_.back(), "shutting_down");
  EXPECT_TRUE(ended_);
}

TEST_F(WriteQueueTest, RoomsOfDifferentWritersAreCommittedAtOnceAndEachRoomInOrder) {
  store_.at_once = 2;
  start();
  for (const auto* content : {"a1", "a2"}) {
    append(content, RoomId(1));
    poll();
  }
  append("b1", RoomId(2));
  append("c1", RoomId(3));
  poll();
  EXPECT_EQ(store_.begun, (Texts{"a1", "b1"}));
  store_.open_gate();
  poll();
  EXPECT_EQ(store_.begun, (Texts{"a1", "b1", "a2", "c1"}));
  EXPECT_EQ(outcomes_.size(), 4U);
}

TEST_F(WriteQueueTest, AChangeWaitsForEveryWriterAndNoneBeginsMeanwhile) {
  store_.at_once = 2;
  start();
  append("a1", RoomId(1));
  poll();
  change();
  append("a2", RoomId(1));
  append("b1", RoomId(2));  // one batch of each writer goes before
  poll();
  append("b2", RoomId(2));
  poll();
  EXPECT_EQ(store_.begun, (Texts{"a1", "b1"}));
  EXPECT_EQ(changes_made_, 0);
  store_.open_gate();
  poll();
  EXPECT_EQ(store_.begun.size(), 4U);
  EXPECT_EQ(outcomes_, (Texts{"1", "2", "ok", "4", "5"}));
}

TEST_F(WriteQueueTest, ChangesThatKeepComingLetEveryWriterHaveItsTurn) {
  store_.at_once = 2;
  store_.open_gate();
  start();
  Sizes begun;  // how many messages had, at each change
  std::function<void()> change_for_ever = [&] {
    begun.push_back(store_.begun.size());
    if (begun.size() == 10) return;
    if (begun.size() == 5) append("a", RoomId(1));
    if (begun.size() == 5) append("b", RoomId(2));
    change(change_for_ever);
  };
  change(change_for_ever);
  poll();
  EXPECT_EQ(begun, (Sizes{0, 0, 0, 0, 0, 2, 2, 2, 2, 2}));
}

TEST_F(WriteQueueTest, SettledWaitsForTheRoomsOwnWriter) {
  store_.at_once = 2;
  start();
  append("a", RoomId(1));
  poll();
  Texts settled;
  for (const RoomId room : {RoomId(1), RoomId(2), RoomId(3)}) {
    asio::co_spawn(loop_, queue_->settled(room, std::chrono::hours(1)),
                   [&, room](const std::exception_ptr&) { settled.push_back(std::to_string(room.value)); });
  }
  poll();
  EXPECT_EQ(settled, (Texts{"2"}));
  store_.open_gate();
  poll();
  EXPECT_EQ(settled, (Texts{"2", "1", "3"}));
}

TEST_F(WriteQueueTest, StopEndsEveryWriter) {
  store_.at_once = 3;
  start();
  append("a", RoomId(1));
  poll();
  change();
  queue_->stop();
  poll();
  EXPECT_EQ(writers_ended_, 0U);  // the change may wake any of them
  store_.open_gate();
  poll();
  EXPECT_EQ(outcomes_, (Texts{"1", "ok"}));
  EXPECT_TRUE(ended_);
}

TEST_F(WriteQueueTest, StopWakesAnIdleWriter) {
  start();
  queue_->stop();
  poll();
  EXPECT_TRUE(ended_);
}

}  // namespace
}  // namespace izpo::realtime
