#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

using izpo::test::client_close;
using izpo::test::client_frame;
using izpo::test::raw_frame;
using realtime::CloseCode;
using realtime::Urgency;
using wire::Opcode;

class WebSocket : public ServerTest, public testing::WithParamInterface<IoUring> {
 protected:
  WebSocket() : ServerTest(GetParam()) { options.timeouts.close = 100ms; }

  // A client whose upgrade has been answered.
  RawClient open(std::string_view path, int receive_buffer = 0) {
    RawClient client(options.address, server->port(), receive_buffer);
    EXPECT_EQ(client.upgrade(path).status, 101);
    return client;
  }

  // Reads frames until the close frame, and gives its code.
  static std::uint16_t closing_code(RawClient& client) {
    for (;;) {
      const RawFrame frame = client.frame();
      if (frame.opcode == Opcode::kClose) return frame.close_code();
    }
  }
};

TEST_P(WebSocket, Echoes) {
  start();
  RawClient client = connect();
  const RawResponse answer = client.upgrade("/echo");
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 §1.3
  EXPECT_EQ(answer.field("Upgrade"), "websocket");
  EXPECT_EQ(answer.field("Connection"), "Upgrade");
  EXPECT_EQ(answer.field("Sec-WebSocket-Protocol"), "example");
  EXPECT_EQ(answer.field("Content-Length"), "");
  client.say("hello");
  RawFrame frame = client.frame();
  EXPECT_EQ(frame.opcode, Opcode::kText);
  EXPECT_EQ(frame.payload, "hello");
  client.send(client_frame(Opcode::kBinary, std::string(70'000, '\xFF')));
  frame = client.frame();
  EXPECT_EQ(frame.opcode, Opcode::kBinary);
  EXPECT_EQ(frame.payload, std::string(70'000, '\xFF'));
}

// RFC 6455 §4.2.1
TEST_P(WebSocket, OnlyAWellFormedRequestAsksForASocket) {
  start();
  const std::string good =
      "GET /hello HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
      "13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const auto asks = [this, &good](const std::string& from, const std::string& to) {
    std::string bytes = good;
    bytes.replace(bytes.find(from), from.size(), to);
    RawClient client = connect();
    EXPECT_EQ(client.exchange(bytes).status, 200);
    return application.last().websocket;
  };
  EXPECT_TRUE(asks("GET", "GET"));
  EXPECT_TRUE(asks("Upgrade: websocket", "uPGRADE: WebSocket"));
  EXPECT_TRUE(asks("Connection: Upgrade", "Connection: keep-alive, upgrade"));
  EXPECT_FALSE(asks("GET", "POST"));
  EXPECT_FALSE(asks("HTTP/1.1", "HTTP/1.0"));
  EXPECT_FALSE(asks("Upgrade: websocket", "Upgrade: h2c"));
  EXPECT_FALSE(asks("Connection: Upgrade", "Connection: keep-alive"));
  EXPECT_FALSE(asks("Version: 13", "Version: 8"));
  EXPECT_FALSE(asks("dGhlIHNhbXBsZSBub25jZQ==", "dG9vIHNob3J0"));
  EXPECT_FALSE(asks("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""));
}

TEST_P(WebSocket, FramesThatCameWithTheRequestAreRead) {
  start();
  RawClient client = connect();
  client.send(
      "GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
      "13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      client_frame(Opcode::kText, "early") + client_frame(Opcode::kText, "birds"));
  EXPECT_EQ(client.response().status, 101);
  EXPECT_EQ(client.frame().payload, "early");
  EXPECT_EQ(client.frame().payload, "birds");
}

TEST_P(WebSocket, ManyMessagesInOneReadKeepTheirOrder) {
  start();
  RawClient client = open("/echo");
  std::string all;
  for (int i = 0; i < 500; ++i) all += client_frame(Opcode::kText, std::to_string(i));
  client.send(all);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(client.frame().payload, std::to_string(i));
}

// While the handler waits, nothing is read for it, and the others' reads do not touch what it has been given.
TEST_P(WebSocket, AHandlerThatWaitsHoldsItsOwnSocketOnly) {
  start();
  RawClient waiting = open("/echo");
  waiting.send(client_frame(Opcode::kText, "gate") + client_frame(Opcode::kText, "after"));
  ASSERT_TRUE(eventually([this] { return application.gate.waiting() == 1; }));
  for (int i = 0; i < 4; ++i) {
    RawClient other = open("/echo");
    other.say(std::string(1000, 'z'));
    EXPECT_EQ(other.frame().payload, std::string(1000, 'z'));
  }
  application.gate.open();
  EXPECT_EQ(waiting.frame().payload, "gate");
  EXPECT_EQ(waiting.frame().payload, "after");
}

// RFC 6455 §5.5.2, §5.4
TEST_P(WebSocket, AnswersPingsBetweenFragments) {
  start();
  RawClient client = open("/echo");
  client.send(client_frame(Opcode::kText, "frag", false) + client_frame(Opcode::kPing, "beat"));
  const RawFrame pong = client.frame();
  EXPECT_EQ(pong.opcode, Opcode::kPong);
  EXPECT_EQ(pong.payload, "beat");
  client.send(client_frame(Opcode::kPong, "unasked") + client_frame(Opcode::kContinuation, "ment"));
  EXPECT_EQ(client.frame().payload, "fragment");
}

// RFC 6455 §5.5.1: the code comes back, and the server ends the connection first (§7.1.1).
TEST_P(WebSocket, AnswersAClose) {
  start();
  RawClient client = open("/echo");
  client.send(client_frame(Opcode::kText, "last") + client_close(1000, "bye"));
  EXPECT_EQ(client.frame().payload, "last");
  const RawFrame close = client.frame();
  EXPECT_EQ(close.opcode, Opcode::kClose);
  EXPECT_EQ(close.close_code(), 1000);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([this] { return application.closed == 1; }));
}

TEST_P(WebSocket, ClosesAfterWhatIsQueuedAndWaitsForTheAnswer) {
  start();
  RawClient client = open("/echo");
  client.say("before");
  client.say("close");
  EXPECT_EQ(client.frame().payload, "before");
  const RawFrame close = client.frame();
  EXPECT_EQ(close.close_code(), 4403);
  EXPECT_EQ(close.payload.substr(2), "as asked");
  EXPECT_TRUE(eventually([this] { return application.closed == 1; }));
  client.send(client_close(4403));
  EXPECT_TRUE(client.at_end());
}

TEST_P(WebSocket, DoesNotWaitForEverForTheAnswerToItsClose) {
  start();
  RawClient client = open("/echo");
  client.say("close");
  EXPECT_EQ(closing_code(client), 4403);
  EXPECT_TRUE(client.ends());
}

TEST_P(WebSocket, ABrokenProtocolIsClosedWithItsCode) {
  options.limits.message_bytes = 1000;
  start();
  const std::vector<std::pair<std::string, std::uint16_t>> wrongs{
      {std::string("\x81\x02hi"), 1002},                            // not masked
      {raw_frame(0xC1, "hi"), 1002},                                // reserved bit
      {raw_frame(0x83, "hi"), 1002},                                // unknown opcode
      {client_frame(Opcode::kText, "\xFF"), 1007},                  // not UTF-8
      {client_frame(Opcode::kText, std::string(1001, 'x')), 1009},  // too big
      {client_frame(Opcode::kContinuation, "nothing to continue"), 1002},
  };
  for (const auto& [bytes, code] : wrongs) {
    RawClient client = open("/echo");
    client.send(bytes);
    EXPECT_EQ(closing_code(client), code);
    EXPECT_TRUE(client.at_end());
  }
  EXPECT_TRUE(eventually([this, &wrongs] { return application.closed == static_cast<int>(wrongs.size()); }));
}

TEST_P(WebSocket, AnExceptionOfTheHandlerCloses1011) {
  start();
  RawClient client = open("/echo");
  client.say("throw");
  EXPECT_EQ(closing_code(client), 1011);
  EXPECT_TRUE(eventually([this] { return application.closed == 1; }));
}

TEST_P(WebSocket, AClientThatVanishesIsClosed) {
  start();
  {
    RawClient client = open("/echo");
  }
  EXPECT_TRUE(eventually([this] { return application.closed == 1 && server->connections() == 0; }));
  RawClient half = open("/echo");
  half.end_sending();
  EXPECT_TRUE(half.at_end());
}

TEST_P(WebSocket, AFrameIsSharedByAHundredSockets) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(open("/crowd"));
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 100; }));
  for (int i = 0; i < 20; ++i) {
    const realtime::SharedEvent frame = realtime::text_frame("shared " + std::to_string(i));
    application.crowd.each([frame](realtime::Socket& socket) { socket.send(frame, Urgency::kKept); });
  }
  for (RawClient& client : clients) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.frame().payload, "shared " + std::to_string(i));
  }
}

TEST_P(WebSocket, ASlowReaderIsClosedWhileOthersGoOn) {
  options.limits.outbox_bytes = 64UZ * 1024;
  start();
  RawClient slow = open("/crowd", 4096);
  RawClient quick = open("/crowd");
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 2; }));
  const realtime::SharedEvent frame = realtime::text_frame(std::string(16UZ * 1024, 'x'));
  // What the kernel takes for the slow one is its affair: until it is gone, in steps that the quick one
  // reads.
  int sent = 0;
  while (application.crowd.size() == 2 && sent < 10'000) {
    application.crowd.each([frame](realtime::Socket& socket) { socket.send(frame, Urgency::kKept); });
    EXPECT_EQ(quick.frame().payload.size(), 16UZ * 1024);
    ++sent;
  }
  EXPECT_EQ(application.crowd.size(), 1U);
  EXPECT_TRUE(eventually([this] { return server->connections() == 1; }));
  quick.send(client_frame(Opcode::kPing, "still here"));
  EXPECT_EQ(quick.frame().opcode, Opcode::kPong);
}

TEST_P(WebSocket, ASlowReaderThatCatchesUpSeesTheCode) {
  options.limits.outbox_bytes = 64UZ * 1024;
  options.timeouts.close = 10s;
  start();
  RawClient slow = open("/crowd", 4096);
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 1; }));
  const realtime::SharedEvent frame = realtime::text_frame(std::string(16UZ * 1024, 'x'));
  while (application.crowd.size() == 1) {
    application.crowd.each([frame](realtime::Socket& socket) { socket.send(frame, Urgency::kKept); });
  }
  EXPECT_EQ(closing_code(slow), 4001);
}

TEST_P(WebSocket, DrainedWaitsForTheReader) {
  options.limits.outbox_bytes = 64UZ << 20U;
  start();
  std::atomic<int> drained = 0;
  RawClient client = open("/crowd", 4096);
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 1; }));
  application.crowd.each([&](realtime::Socket& socket) {
    for (int i = 0; i < 40; ++i)
      socket.send(realtime::text_frame(std::string(1UZ << 20U, 'x')), Urgency::kKept);
    boost::asio::co_spawn(socket.executor(), socket.drained(), [&](const std::exception_ptr&) { ++drained; });
  });
  EXPECT_EQ(client.frame().payload.size(), 1UZ << 20U);
  EXPECT_EQ(drained, 0);
  for (int i = 1; i < 40; ++i) EXPECT_EQ(client.frame().payload.size(), 1UZ << 20U);
  EXPECT_TRUE(eventually([&] { return drained == 1; }));
}

TEST_P(WebSocket, DrainedReturnsWhenTheClientVanishes) {
  options.limits.outbox_bytes = 64UZ << 20U;
  start();
  std::atomic<int> drained = 0;
  {
    RawClient client = open("/crowd", 4096);
    ASSERT_TRUE(eventually([this] { return application.crowd.size() == 1; }));
    application.crowd.each([&](realtime::Socket& socket) {
      for (int i = 0; i < 40; ++i)
        socket.send(realtime::text_frame(std::string(1UZ << 20U, 'x')), Urgency::kKept);
      boost::asio::co_spawn(socket.executor(), socket.drained(),
                            [&](const std::exception_ptr&) { ++drained; });
    });
    EXPECT_EQ(client.frame().payload.size(), 1UZ << 20U);
  }
  EXPECT_TRUE(eventually([&] { return drained == 1; }));
}

// A batch of long messages fills an outbox before the loop comes to write. Every reader was closed as too
// slow, the fastest too.
TEST_P(WebSocket, MoreInATickThanTheOutboxHoldsIsNotTheReadersFault) {
  options.limits.outbox_bytes = 32UZ * 1024;
  start();
  RawClient client = open("/crowd");
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 1; }));
  const realtime::SharedEvent event = realtime::text_frame(std::string(10'000, 'x'));
  application.crowd.each([event](realtime::Socket& socket) {
    for (int i = 0; i < 20; ++i) socket.send(event, Urgency::kKept);
  });
  for (int i = 0; i < 20; ++i) ASSERT_EQ(client.frame().opcode, Opcode::kText) << i;
}

TEST_P(WebSocket, TwoUnansweredPingsEndTheSocket) {
  options.timeouts.heartbeat = 200ms;
  start();
  RawClient client = open("/echo");
  EXPECT_EQ(client.frame().opcode, Opcode::kPing);
  EXPECT_EQ(client.frame().opcode, Opcode::kPing);
  const RawFrame close = client.frame();
  EXPECT_EQ(close.opcode, Opcode::kClose);
  EXPECT_EQ(close.close_code(), 4003);
}

TEST_P(WebSocket, ASignOfLifeKeepsTheSocket) {
  options.timeouts.heartbeat = 200ms;
  start();
  RawClient client = open("/echo");
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(client.frame().opcode, Opcode::kPing);
    client.send(client_frame(Opcode::kPong, ""));
  }
  client.say("alive");
  EXPECT_EQ(client.frame().payload, "alive");
}

// Silence of a client whose handler is busy says nothing, since nothing is read.
TEST_P(WebSocket, ABusyHandlerIsNotALostHeartbeat) {
  options.timeouts.heartbeat = 200ms;
  start();
  RawClient client = open("/echo");
  client.say("gate");
  for (int i = 0; i < 4; ++i) ASSERT_EQ(client.frame().opcode, Opcode::kPing);
  application.gate.open();
  EXPECT_EQ(client.frame().payload, "gate");
}

// As many slow readers, and sockets that go while they are written to, that a ring has to do with them.
TEST_P(WebSocket, ManySlowReadersAndClosesInMidFlightHoldNobodyUp) {
  options.limits.outbox_bytes = 64UZ * 1024;
  start();
  std::vector<RawClient> slow;
  std::vector<RawClient> quick;
  for (int i = 0; i < 20; ++i) slow.push_back(open("/crowd", 4096));
  for (int i = 0; i < 20; ++i) quick.push_back(open("/crowd"));
  std::vector<RawClient> brief;
  for (int i = 0; i < 20; ++i) brief.push_back(open("/crowd"));
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 60; }));
  const realtime::SharedEvent frame = realtime::text_frame(std::string(16UZ * 1024, 'x'));
  int sent = 0;
  while (application.crowd.size() > quick.size() && sent < 10'000) {
    application.crowd.each([frame](realtime::Socket& socket) { socket.send(frame, Urgency::kKept); });
    if (!brief.empty()) brief.pop_back();
    for (RawClient& client : quick) ASSERT_EQ(client.frame().payload.size(), 16UZ * 1024);
    ++sent;
  }
  EXPECT_EQ(application.crowd.size(), quick.size());
  // Descriptors are given out again: what was for the ones that went does not come here.
  std::vector<RawClient> later;
  for (int i = 0; i < 20; ++i) later.push_back(open("/crowd"));
  ASSERT_TRUE(eventually([this] { return application.crowd.size() == 40; }));
  const realtime::SharedEvent last = realtime::text_frame("last");
  application.crowd.each([last](realtime::Socket& socket) { socket.send(last, Urgency::kKept); });
  for (RawClient& client : quick) EXPECT_EQ(client.frame().payload, "last");
  for (RawClient& client : later) EXPECT_EQ(client.frame().payload, "last");
}

INSTANTIATE_TEST_SUITE_P(IoUring, WebSocket, testing::Values(IoUring::kOff, IoUring::kAuto),
                         [](const auto& info) { return info.param == IoUring::kOff ? "Off" : "Auto"; });

}  // namespace
}  // namespace izpo::transport::test
