#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

class WebSocket : public ServerTest {};

TEST_F(WebSocket, Echoes) {
  start();
  RawClient client = connect();
  const RawResponse answer = client.upgrade("/echo");
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 §1.3
  client.say("hello");
  const RawFrame frame = client.frame();
  EXPECT_EQ(frame.opcode, wire::Opcode::kText);
  EXPECT_EQ(frame.payload, "hello");
}

}  // namespace
}  // namespace izpo::transport::test
