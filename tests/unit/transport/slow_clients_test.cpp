#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

class SlowClients : public ServerTest {
 protected:
  SlowClients() {
    // Short enough to wait for, long enough for a machine that is busy with something else.
    options.timeouts.head = 250ms;
    options.timeouts.idle = 250ms;
    options.timeouts.stall = 250ms;
    options.timeouts.linger = 250ms;
  }
};

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: chat.example\r\n\r\n";

TEST_F(SlowClients, ASilentConnectionIsClosedWithoutAWord) {
  start();
  RawClient client = connect();
  EXPECT_TRUE(client.at_end());
}

TEST_F(SlowClients, AnIdleConnectionIsClosedWithoutAWord) {
  start();
  RawClient client = connect();
  client.exchange(kHello);
  EXPECT_TRUE(client.at_end());
}

TEST_F(SlowClients, AHeadThatDoesNotEndIsToldSo) {
  start();
  RawClient client = connect();
  client.send("GET /hello HTTP/1.1\r\n");
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(client.at_end());
}

// Slowloris: a byte now and then buys no time.
TEST_F(SlowClients, DrippingAHeadDoesNotHoldTheConnection) {
  start();
  RawClient client = connect();
  EXPECT_TRUE(client.drip("x"));
  EXPECT_EQ(client.response().status, 408);
}

TEST_F(SlowClients, EmptyLinesBeforeARequestBuyNoTime) {
  start();
  RawClient client = connect();
  EXPECT_TRUE(client.drip("\r\n"));
  EXPECT_TRUE(client.ends());
}

TEST_F(SlowClients, ABodyThatStallsFailsTheRead) {
  start();
  RawClient client = connect();
  client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(client.at_end());
}

TEST_F(SlowClients, DrippingABodyDoesNotHoldTheConnection) {
  start();
  RawClient client = connect();
  client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_TRUE(client.drip("x"));
  EXPECT_EQ(client.response().status, 408);
  RawClient chunked = connect();
  chunked.send("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(chunked.drip("1\r\nx\r\n"));
  EXPECT_EQ(chunked.response().status, 408);
}

TEST_F(SlowClients, AHandlersOwnTimeIsNotTheClients) {
  start();
  RawClient client = connect();
  client.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return application.gate.waiting() == 1; }));
  RawClient other = connect();
  EXPECT_TRUE(other.at_end());  // every deadline has passed meanwhile
  application.gate.open();
  EXPECT_EQ(client.response().status, 200);
}

TEST_F(SlowClients, AnAnswerNobodyReadsIsCutWhileOthersGoOn) {
  start();
  RawClient stuck(options.address, server->port(), 4096);
  stuck.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return application.last().target == "/large"; }));
  RawClient other = connect();
  EXPECT_EQ(other.exchange(kHello).body, "hello");
  EXPECT_TRUE(eventually([this] { return server->connections() == 0; }));
}

TEST_F(SlowClients, AClientThatDoesNotEndAfterTheLastAnswerIsCut) {
  start();
  RawClient client = connect();
  client.exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([this] { return server->connections() == 0; }));
}

}  // namespace
}  // namespace izpo::transport::test
