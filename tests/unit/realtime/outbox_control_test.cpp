#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "realtime/outbox.hpp"

namespace izpo::realtime {
namespace {

class Everything final : public Sink {
 public:
  std::expected<std::size_t, std::error_code> try_write(std::span<const iovec> pieces) override {
    const std::size_t before = received.size();
    for (const iovec& piece : pieces)
      received.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    return received.size() - before;
  }

  std::string received;
};

// A frame of one byte, its kind, and a mark to know it by.
Frame control(char kind, char mark) {
  return std::make_shared<const std::string>(std::string{kind, mark, ' '});
}

std::string sent(Outbox& outbox) {
  Everything sink;
  outbox.flush(sink);
  EXPECT_EQ(outbox.bytes(), 0U);
  return sink.received;
}

// Autobahn's 2.10 sends ten pings at once and wants ten pongs: when only the latest waited, it got one.
TEST(OutboxControl, ABurstOfPongsLeavesWhole) {
  Outbox outbox(100);
  outbox.push(control('m', '0'), Urgency::kKept);
  for (char mark = '0'; mark <= '9'; ++mark) outbox.push_control(control('p', mark));
  EXPECT_EQ(sent(outbox), "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 m0 ");
}

TEST(OutboxControl, OfAFloodTheLastIsReplaced) {
  Outbox outbox(100);
  for (int round = 0; round < 1000; ++round)
    outbox.push_control(control('p', static_cast<char>('a' + round % 16)));
  outbox.push_control(control('p', 'z'));
  EXPECT_EQ(sent(outbox), "pa pb pc pd pe pf pg ph pi pj pk pl pm pn po pz ");
}

TEST(OutboxControl, AFloodOfPongsKeepsNoPingFromLeaving) {
  Outbox outbox(100);
  for (int round = 0; round < 16; ++round) outbox.push_control(control('p', 'a'));
  outbox.push_control(control('!', '1'));
  outbox.push_control(control('!', '2'));
  outbox.push_control(control('p', 'z'));
  std::string expected;
  for (int round = 0; round < 15; ++round) expected += "pa ";
  EXPECT_EQ(sent(outbox), expected + "pz !2 ");
}

}  // namespace
}  // namespace izpo::realtime
