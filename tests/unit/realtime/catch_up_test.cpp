#include "realtime/catch_up.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/memory/store.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"
#include "support/plain_links.hpp"
#include "support/recording_socket.hpp"

namespace izpo::realtime {
namespace {

using izpo::testing::client_of;
using izpo::testing::FixedClock;
using izpo::testing::RecordingSocket;
using Texts = std::vector<std::string>;

constexpr std::chrono::seconds kDeadline{10};

// The database that the nodes share, through one node's eyes: its answers may fail, or wait.
class SharedStore final : public MessageStore {
 public:
  explicit SharedStore(MessageStore& shared) : shared_(shared) {}

  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch, Timestamp now) override {
    auto outcomes = co_await shared_.append(std::move(batch), now);
    if (loses_answers) co_return fail(reason::kStorageUnavailable);  // stored, and nobody here knows
    if (after_append) after_append();
    co_return outcomes;
  }
  Task<Result<std::vector<StoredMessage>>> history(RoomId room, HistoryPage page) override {
    return shared_.history(room, page);
  }
  Task<Result<Replay>> replay(RoomId room, Seq after, std::int64_t limit) override {
    ++replays;
    if (fails) co_return fail(reason::kStorageUnavailable);
    auto read = co_await shared_.replay(room, after, limit);
    while (slow) {
      co_await suspend([this](Resume resume) { waiting_.push_back(std::move(resume)); });
    }
    co_return read;
  }
  Task<Result<Seq>> last_seq(RoomId room) override { return shared_.last_seq(room); }
  Task<Result<std::vector<RoomLast>>> last_seqs(std::vector<RoomId> rooms) override {
    ++asked;
    if (fails) co_return fail(reason::kStorageUnavailable);
    co_return co_await shared_.last_seqs(std::move(rooms));
  }

  void go_on() {
    slow = false;
    for (auto& resume : std::exchange(waiting_, {})) resume();
  }

  bool fails = false;
  bool slow = false;
  bool loses_answers = false;
  std::function<void()> after_append;
  int replays = 0;
  int asked = 0;

 private:
  MessageStore& shared_;
  std::vector<Resume> waiting_;
};

// A server process: its hub, its writer, and what it looks for.
struct Node {
  Node(boost::asio::io_context& loop, MessageStore& shared, const Clock& clock, const FileLinks& links,
       CatchUp::Rules rules)
      : store(shared),
        hub({loop.get_executor()}, clock, links, {.grace = {}}),
        writes(store, hub, clock, loop.get_executor(), {}),
        catch_up(store, hub, writes, loop.get_executor(), rules) {
    tasks.spawn(loop.get_executor(), "write queue", writes.run(0));
    catch_up.start(tasks);
  }

  SharedStore store;
  Hub hub;
  WriteQueue writes;
  CatchUp catch_up;
  TaskGroup tasks;
};

class CatchUpTest : public ::testing::Test {
 protected:
  struct Reader {
    std::unique_ptr<RecordingSocket> socket;
    std::unique_ptr<Subscription> seat;
    Texts contents() const { return socket->all("message", "content"); }
  };

  CatchUpTest() {
    make_room(kitchen_);
    make_room(garden_);
  }
  ~CatchUpTest() override {
    for (Node* node : {&a_, &b_}) {
      node->store.go_on();
      node->writes.stop();
      node->catch_up.stop();
    }
    until([this] { return a_.tasks.running() == 0 && b_.tasks.running() == 0; });
  }
  CatchUpTest(const CatchUpTest&) = delete;
  CatchUpTest& operator=(const CatchUpTest&) = delete;

  void make_room(RoomId id) {
    store_.data().users[ana_.id].user = ana_;
    auto& row = store_.data().rooms[id];
    row.room.id = id;
    row.room.owner = ana_.id;
    row.people[ana_.id] = Standing::kMember;
  }

  // Somebody who listens on `node` and has seen everything up to `sent`.
  Reader listen(Node& node, RoomId room, std::int64_t sent = 0) {
    Reader reader{std::make_unique<RecordingSocket>(loop_.get_executor()), nullptr};
    reader.seat = node.hub.subscribe({room, client_of(card_of(ana_))}, *reader.socket);
    EXPECT_TRUE(reader.seat->go_live(Seq(sent)));
    settle();
    return reader;
  }

  void write(Node& node, RoomId room, const std::string& content) {
    node.writes.append({room, ana_.id, content, std::nullopt, std::nullopt}, loop_.get_executor(),
                       [](const AppendOutcome&) {});
  }

  void settle() {
    loop_.restart();
    loop_.poll();
  }

  template <class Condition>
  void until(Condition reached) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!reached()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(5));
    }
  }

  void expect_contents(const Reader& reader, const Texts& expected) {
    until([&] { return reader.contents().size() >= expected.size(); });
    settle();
    EXPECT_EQ(reader.contents(), expected);
  }

  static constexpr CatchUp::Rules kOften{.ask_every = std::chrono::milliseconds(2)};

  static User make_ana() {
    User ana;
    ana.id = UserId(1);
    ana.username = "ana";
    return ana;
  }

  const User ana_ = make_ana();
  const RoomId kitchen_{1};
  const RoomId garden_{2};
  boost::asio::io_context loop_;
  FixedClock clock_;
  izpo::testing::PlainLinks links_;
  memory::Store store_;
  Node a_{loop_, store_.messages(), clock_, links_, kOften};
  Node b_{loop_, store_.messages(), clock_, links_, kOften};
};

TEST_F(CatchUpTest, BringsWhatAnotherNodeWrote) {
  const auto reader = listen(b_, kitchen_);
  const auto other = listen(b_, garden_);
  write(a_, kitchen_, "uno");
  write(a_, garden_, "dos");
  write(a_, kitchen_, "tres");
  expect_contents(reader, {"\"uno\"", "\"tres\""});
  expect_contents(other, {"\"dos\""});
}

TEST_F(CatchUpTest, TwoWritersAtOnceAreSeenByAllInOneOrderOnceEach) {
  constexpr int kRounds = 300;
  const auto at_a = listen(a_, kitchen_);
  const auto at_b = listen(b_, kitchen_);
  for (int i = 0; i < kRounds; ++i) {
    write(a_, kitchen_, "a" + std::to_string(i));
    write(b_, kitchen_, "b" + std::to_string(i));
    if (i % 7 == 0) settle();
    if (i % 3 == 0) loop_.run_one_for(std::chrono::milliseconds(1));
  }
  until([&] { return at_a.contents().size() >= 2 * kRounds && at_b.contents().size() >= 2 * kRounds; });
  settle();
  Texts numbers;
  for (int seq = 1; seq <= 2 * kRounds; ++seq) numbers.push_back(std::to_string(seq));
  EXPECT_EQ(at_a.socket->all("message", "seq"), numbers);
  EXPECT_EQ(at_b.socket->all("message", "seq"), numbers);
  EXPECT_EQ(at_a.contents(), at_b.contents());
}

TEST_F(CatchUpTest, ALaterReaderGetsOnlyWhatIsNew) {
  write(a_, kitchen_, "viejo");
  settle();
  const auto reader = listen(b_, kitchen_, 1);
  write(a_, kitchen_, "nuevo");
  expect_contents(reader, {"\"nuevo\""});
}

TEST_F(CatchUpTest, AMessageBetweenTheReadsOfTwoWhoComeAtOnceReachesBoth) {
  // Both have their seats; the first reads the store, another node writes, the second reads.
  Reader early{std::make_unique<RecordingSocket>(loop_.get_executor()), nullptr};
  early.seat = b_.hub.subscribe({kitchen_, client_of(card_of(ana_))}, *early.socket);
  settle();
  write(a_, kitchen_, "entre");
  settle();
  const auto late = listen(b_, kitchen_, 1);
  EXPECT_TRUE(early.seat->go_live(Seq(0)));
  expect_contents(early, {"\"entre\""});
  EXPECT_TRUE(late.contents().empty());
}

TEST_F(CatchUpTest, AJumpIsHeldUntilTheGapIsRead) {
  const auto reader = listen(b_, kitchen_);
  b_.store.slow = true;
  write(a_, kitchen_, "uno");
  settle();
  write(b_, kitchen_, "dos");
  until([&] { return b_.store.replays > 0; });
  settle();
  EXPECT_TRUE(reader.contents().empty()) << "two must not come before one";
  b_.store.go_on();
  expect_contents(reader, {"\"uno\"", "\"dos\""});
}

TEST_F(CatchUpTest, AStoreThatFailsForAWhileDelaysAndLosesNothing) {
  const auto reader = listen(b_, kitchen_);
  b_.store.fails = true;
  write(a_, kitchen_, "uno");
  settle();
  write(b_, kitchen_, "dos");
  until([&] { return b_.store.replays > 2 && b_.store.asked > 2; });
  EXPECT_TRUE(reader.contents().empty());
  b_.store.fails = false;
  expect_contents(reader, {"\"uno\"", "\"dos\""});
}

TEST_F(CatchUpTest, WhatWasStoredAlthoughItsAnswerWasLostIsShown) {
  const auto reader = listen(a_, kitchen_);
  a_.store.loses_answers = true;
  write(a_, kitchen_, "perdido");
  expect_contents(reader, {"\"perdido\""});
  a_.store.loses_answers = false;
  write(a_, kitchen_, "más");
  expect_contents(reader, {"\"perdido\"", "\"más\""});
}

TEST_F(CatchUpTest, TheSenderIsAnsweredBeforeTheyReadTheirMessage) {
  const auto reader = listen(a_, kitchen_);
  // The commit is there for everybody, and the writer does not know it yet when the message was read.
  a_.store.after_append = [this] { a_.hub.cursors().exists(kitchen_, Seq(1)); };
  std::size_t shown = 99;
  a_.writes.append({kitchen_, ana_.id, "hola", "c-1", std::nullopt}, loop_.get_executor(),
                   [&](const AppendOutcome&) { shown = reader.contents().size(); });
  expect_contents(reader, {"\"hola\""});
  EXPECT_EQ(shown, 0U);
}

TEST_F(CatchUpTest, ALongAbsenceIsReadInPages) {
  const auto reader = listen(b_, kitchen_);
  b_.store.fails = true;
  Texts expected;
  for (int i = 1; i <= 450; ++i) {
    write(a_, kitchen_, std::to_string(i));
    expected.push_back('"' + std::to_string(i) + '"');
  }
  settle();
  b_.store.fails = false;
  expect_contents(reader, expected);
}

TEST_F(CatchUpTest, ARoomThatIsGoneIsClosed) {
  const auto reader = listen(b_, kitchen_);
  const auto other = listen(b_, garden_);
  store_.data().rooms.erase(kitchen_);
  until([&] { return reader.socket->closed_with().has_value(); });
  EXPECT_EQ(reader.socket->closed_with(), CloseCode::kRoomGone);
  EXPECT_FALSE(other.socket->closed_with());
}

TEST_F(CatchUpTest, NobodyListensNobodyAsks) {
  const auto asked = a_.store.asked;
  const auto reader = listen(b_, kitchen_);
  until([&] { return b_.store.asked > 3; });
  EXPECT_EQ(a_.store.asked, asked);
}

}  // namespace
}  // namespace izpo::realtime
