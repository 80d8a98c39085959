#include "realtime/outbox.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <limits>
#include <string>

namespace izpo::realtime {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

// Takes at each write as many bytes as the script says, then everything.
class ScriptedSink final : public Sink {
 public:
  std::expected<std::size_t, std::error_code> try_write(std::span<const iovec> pieces) override {
    ++writes;
    most_pieces = std::max(most_pieces, pieces.size());
    if (broken) return std::unexpected(std::make_error_code(std::errc::broken_pipe));
    std::size_t room = kAll;
    if (!script.empty()) {
      room = script.front();
      script.pop_front();
    }
    std::size_t taken = 0;
    for (const iovec& piece : pieces) {
      const std::size_t count = std::min(piece.iov_len, room - taken);
      received.append(static_cast<const char*>(piece.iov_base), count);
      taken += count;
    }
    return taken;
  }

  std::deque<std::size_t> script;
  bool broken = false;
  std::string received;
  int writes = 0;
  std::size_t most_pieces = 0;
};

Frame frame(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

class OutboxTest : public testing::Test {
 protected:
  Outbox::Push push(std::string bytes, Urgency urgency = Urgency::kKept) {
    return outbox.push(frame(std::move(bytes)), urgency);
  }

  Outbox outbox{100};
  ScriptedSink sink;
};

TEST_F(OutboxTest, SendsWhatIsQueuedInOneWrite) {
  push("one ");
  push("two ", Urgency::kEphemeral);
  push("three");
  EXPECT_EQ(outbox.bytes(), 13U);
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kEmpty);
  EXPECT_EQ(sink.received, "one two three");
  EXPECT_EQ(sink.writes, 1);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0U);
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kEmpty);
  EXPECT_EQ(sink.writes, 1);
}

TEST_F(OutboxTest, GoesOnWhereAShortWriteStopped) {
  push("abcdef");
  push("ghi");
  push("jkl");
  sink.script = {2, 0, 5, 1};
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kBlocked);
  EXPECT_EQ(sink.received, "ab");
  EXPECT_EQ(outbox.bytes(), 10U);
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kBlocked);
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kBlocked);
  EXPECT_EQ(sink.received, "abcdefg");
  push("mno");
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kBlocked);
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kEmpty);
  EXPECT_EQ(sink.received, "abcdefghijklmno");
}

TEST_F(OutboxTest, EveryCutOfTheStreamGivesTheSameBytes) {
  for (std::size_t step = 1; step < 30; ++step) {
    Outbox queue(1000);
    ScriptedSink narrow;
    std::string expected;
    for (int i = 0; i < 40; ++i) {
      const std::string bytes = std::to_string(i) + std::string(static_cast<std::size_t>(i % 7), '.');
      expected += bytes;
      ASSERT_EQ(queue.push(frame(bytes), Urgency::kKept), Outbox::Push::kQueued);
      if (i % 3 != 0) continue;
      narrow.script = {step};
      queue.flush(narrow);
    }
    while (!queue.empty()) {
      narrow.script = {step};
      queue.flush(narrow);
    }
    EXPECT_EQ(narrow.received, expected) << step;
    EXPECT_EQ(queue.bytes(), 0U);
  }
}

TEST_F(OutboxTest, WritesSixtyFourFramesAtATime) {
  for (int i = 0; i < 90; ++i) push("x");
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kEmpty);
  EXPECT_EQ(sink.most_pieces, 64U);
  EXPECT_EQ(sink.writes, 2);
}

TEST_F(OutboxTest, SaysWhenTheSinkIsGone) {
  push("lost");
  sink.broken = true;
  EXPECT_EQ(outbox.flush(sink), Outbox::Flush::kBroken);
}

TEST_F(OutboxTest, TakesNoEphemeralFrameAboveHalf) {
  EXPECT_EQ(push(std::string(40, 'k')), Outbox::Push::kQueued);
  EXPECT_EQ(push(std::string(10, 'e'), Urgency::kEphemeral), Outbox::Push::kQueued);
  EXPECT_EQ(push("e", Urgency::kEphemeral), Outbox::Push::kDropped);
  EXPECT_EQ(push(std::string(50, 'k')), Outbox::Push::kQueued);
  EXPECT_EQ(outbox.bytes(), 100U);
}

TEST_F(OutboxTest, AKeptFramePushesQueuedEphemeralOnesOut) {
  push(std::string(30, 'a'));
  push(std::string(20, 'e'), Urgency::kEphemeral);
  push(std::string(50, 'b'));
  EXPECT_EQ(push(std::string(20, 'c')), Outbox::Push::kQueued);
  EXPECT_EQ(outbox.bytes(), 100U);
  outbox.flush(sink);
  EXPECT_EQ(sink.received, std::string(30, 'a') + std::string(50, 'b') + std::string(20, 'c'));
}

TEST_F(OutboxTest, AnEphemeralFrameThatHasBegunIsFinished) {
  push(std::string(50, 'e'), Urgency::kEphemeral);
  sink.script = {1};
  outbox.flush(sink);
  push(std::string(51, 'k'));
  EXPECT_EQ(push("k"), Outbox::Push::kFull);
  outbox.flush(sink);
  EXPECT_EQ(sink.received, std::string(50, 'e') + std::string(51, 'k'));
}

TEST_F(OutboxTest, IsFullWhenAKeptFrameDoesNotFit) {
  push(std::string(100, 'k'));
  EXPECT_EQ(push("k"), Outbox::Push::kFull);
  EXPECT_EQ(outbox.bytes(), 100U);
}

TEST_F(OutboxTest, AnEmptyOneTakesAFrameOfAnySize) {
  EXPECT_EQ(push(std::string(500, 'k')), Outbox::Push::kQueued);
  EXPECT_EQ(push("k"), Outbox::Push::kFull);
  outbox.flush(sink);
  EXPECT_EQ(push(std::string(500, 'e'), Urgency::kEphemeral), Outbox::Push::kQueued);
}

TEST_F(OutboxTest, SealedItSendsWhatIsQueuedThenTheClose) {
  push("a");
  outbox.seal(frame("close"));
  EXPECT_TRUE(outbox.sealed());
  EXPECT_EQ(push("b"), Outbox::Push::kDropped);
  outbox.push_control(frame("pong"));
  outbox.seal(frame("again"));
  outbox.flush(sink);
  EXPECT_EQ(sink.received, "aclose");
}

TEST_F(OutboxTest, SealedNowItFinishesWhatHasBegunAndDropsTheRest) {
  push("begun ");
  push("dropped ");
  sink.script = {2};
  outbox.flush(sink);
  outbox.seal_now(frame("close"));
  EXPECT_EQ(outbox.bytes(), 4U + 5U);
  outbox.flush(sink);
  EXPECT_EQ(sink.received, "begun close");
}

TEST_F(OutboxTest, ControlFramesGoFirstButNeverIntoAnotherFrame) {
  push("message ");
  push("next ");
  sink.script = {3};
  outbox.flush(sink);
  outbox.push_control(frame("1pong "));
  outbox.push_control(frame("2ping "));
  outbox.flush(sink);
  EXPECT_EQ(sink.received, "message 1pong 2ping next ");
}

// Autobahn's 2.10 sends ten pings at once and wants ten pongs: when only the latest waited, it got one.
TEST_F(OutboxTest, ABurstOfPongsLeavesWhole) {
  push("message");
  for (char mark = '0'; mark <= '9'; ++mark) outbox.push_control(frame({'p', mark, ' '}));
  outbox.flush(sink);
  EXPECT_EQ(sink.received, "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 message");
}

TEST_F(OutboxTest, OfAFloodOfPongsTheLastIsReplaced) {
  for (int i = 0; i < 1000; ++i) outbox.push_control(frame({'p', static_cast<char>('a' + i % 16), ' '}));
  outbox.push_control(frame("pz "));
  EXPECT_EQ(outbox.bytes(), 16U * 3U);
  outbox.flush(sink);
  EXPECT_EQ(sink.received, "pa pb pc pd pe pf pg ph pi pj pk pl pm pn po pz ");
}

TEST_F(OutboxTest, AFloodOfPongsKeepsNoPingFromLeaving) {
  for (int i = 0; i < 16; ++i) outbox.push_control(frame("p"));
  outbox.push_control(frame("!1"));
  outbox.push_control(frame("!2"));
  outbox.push_control(frame("p2"));
  outbox.flush(sink);
  EXPECT_EQ(sink.received, "pppppppppppppppp2!2");
}

}  // namespace
}  // namespace izpo::realtime
