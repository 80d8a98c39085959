#include "support/deflated.hpp"
#include "support/test_server.hpp"
#include "wire/deflate.hpp"

namespace izpo::transport::test {
namespace {

using izpo::test::deflated;
using izpo::test::raw_frame;
using wire::Opcode;

const std::string kOffer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
const std::string kAgreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
constexpr std::uint8_t kCompressedText = 0xC1;

std::string inflated(std::string_view payload) {
  constexpr std::size_t kMost = 1 << 20;
  wire::Inflater inflater;
  std::string out;
  EXPECT_EQ(inflater.feed(payload, out, kMost), wire::Inflater::Outcome::kGood);
  EXPECT_EQ(inflater.finish(out, kMost), wire::Inflater::Outcome::kGood);
  return out;
}

class Compression : public ServerTest {
 protected:
  Compression() { options.compression = true; }

  static std::string agreed(RawClient& client, const std::string& fields) {
    const RawResponse answer = client.upgrade("/echo", fields);
    EXPECT_EQ(answer.status, 101);
    return answer.field("Sec-WebSocket-Extensions");
  }
};

TEST_F(Compression, BothDirectionsCompress) {
  start();
  RawClient client = connect();
  EXPECT_EQ(agreed(client, kOffer), kAgreed);
  const std::string text(5000, 'x');
  for (int i = 0; i < 3; ++i) {  // no context: the same bytes each time
    client.send(raw_frame(kCompressedText, deflated(text)));
    const RawFrame frame = client.frame();
    EXPECT_EQ(frame.opcode, Opcode::kText);
    EXPECT_TRUE(frame.compressed);
    EXPECT_LT(frame.payload.size(), 100);
    EXPECT_EQ(inflated(frame.payload), text);
  }
}

TEST_F(Compression, ShortMessagesStayPlain) {
  start();
  RawClient client = connect();
  agreed(client, kOffer);
  client.say("hello");
  const RawFrame frame = client.frame();
  EXPECT_FALSE(frame.compressed);
  EXPECT_EQ(frame.payload, "hello");
}

TEST_F(Compression, IsOffByDefault) {
  options.compression = ServerOptions{}.compression;
  start();
  RawClient client = connect();
  EXPECT_EQ(agreed(client, kOffer), "");
  client.say(std::string(5000, 'x'));
  EXPECT_FALSE(client.frame().compressed);
  client.send(raw_frame(kCompressedText, deflated("x")));
  EXPECT_EQ(client.frame().close_code(), wire::kProtocolError);
}

TEST_F(Compression, WhoOffersNothingThatCanBeKeptGetsPlainFrames) {
  start();
  for (const std::string offer :
       {"", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; \r\n"}) {
    RawClient client = connect();
    EXPECT_EQ(agreed(client, offer), "") << offer;
    client.say(std::string(5000, 'x'));
    EXPECT_FALSE(client.frame().compressed);
    client.send(raw_frame(kCompressedText, deflated("x")));
    EXPECT_EQ(client.frame().close_code(), wire::kProtocolError);
  }
}

// RFC 6455 §9.1: several fields are one list.
TEST_F(Compression, AnOfferInALaterFieldIsFound) {
  start();
  RawClient client = connect();
  EXPECT_EQ(agreed(client, "Sec-WebSocket-Extensions: something-else\r\n" + kOffer), kAgreed);
}

TEST_F(Compression, AnEventForManyReachesEachAsItAgreed) {
  start();
  RawClient compressing = connect();
  RawClient plain = connect();
  compressing.upgrade("/crowd", kOffer);
  plain.upgrade("/crowd");
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 2; }));
  const std::string text(300, 'y');
  const realtime::SharedEvent event = realtime::text_frame(text);
  application.crowd.each([event](realtime::Socket& socket) { socket.send(event, realtime::Urgency::kKept); });
  const RawFrame small = compressing.frame();
  EXPECT_TRUE(small.compressed);
  EXPECT_EQ(inflated(small.payload), text);
  const RawFrame large = plain.frame();
  EXPECT_FALSE(large.compressed);
  EXPECT_EQ(large.payload, text);
}

TEST_F(Compression, ABombIsTooBig) {
  options.limits.message_bytes = 1000;
  start();
  RawClient client = connect();
  agreed(client, kOffer);
  client.send(raw_frame(kCompressedText, deflated(std::string(500'000, '0'))));
  EXPECT_EQ(client.frame().close_code(), wire::kMessageTooBig);
}

}  // namespace
}  // namespace izpo::transport::test
