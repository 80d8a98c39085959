#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

class Http : public ServerTest {};

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: chat.example\r\n\r\n";

TEST_F(Http, AnswersAndKeepsTheConnection) {
  start();
  RawClient client = connect();
  for (int i = 0; i < 3; ++i) {
    const RawResponse answer = client.exchange(kHello);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.field("Content-Length"), "5");
    EXPECT_EQ(answer.field("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(answer.field("Connection"), "");
  }
  EXPECT_EQ(application.last().peer, "127.0.0.1");
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(Http, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client = connect();
  client.send(
      "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
      "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" +
      kHello);
  EXPECT_EQ(client.response().body, "one");
  EXPECT_EQ(client.response().body, "two");
  EXPECT_EQ(client.response().body, "hello");
}

}  // namespace
}  // namespace izpo::transport::test
