#include <fmt/format.h>
#include <sys/resource.h>

#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

class Http : public ServerTest {};

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: chat.example\r\n\r\n";

std::string post(std::string_view path, std::string_view body, std::string_view fields = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: chat.example\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string post_chunked(std::string_view path, std::string_view chunks) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: chat.example\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

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
  client.send(post("/body", "one") + post_chunked("/body", "3\r\ntwo\r\n0\r\n\r\n") + "\r\n" + kHello);
  EXPECT_EQ(client.response().body, "one");
  EXPECT_EQ(client.response().body, "two");
  EXPECT_EQ(client.response().body, "hello");
}

TEST_F(Http, ReadsARequestThatComesByteByByte) {
  start();
  RawClient client = connect();
  for (const char byte :
       post("/body", "slowly") + post_chunked("/body", "4;x=y\r\nmore\r\n0\r\nA: b\r\n\r\n")) {
    client.send({&byte, 1});
  }
  EXPECT_EQ(client.response().body, "slowly");
  EXPECT_EQ(client.response().body, "more");
}

TEST_F(Http, ClosesWhenTheClientAsks) {
  start();
  RawClient client = connect();
  const RawResponse answer = client.exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Http, SpeaksWithHttp10Clients) {
  start();
  RawClient closing = connect();
  EXPECT_EQ(closing.exchange("GET /hello HTTP/1.0\r\n\r\n").field("Connection"), "close");
  EXPECT_TRUE(closing.at_end());
  RawClient keeping = connect();
  for (int i = 0; i < 2; ++i) {
    const auto answer = keeping.exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(answer.field("Connection"), "keep-alive");
  }
}

TEST_F(Http, AnswersHeadWithoutABody) {
  start();
  RawClient client = connect();
  client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + kHello);
  EXPECT_EQ(client.response(false).field("Content-Length"), "5");
  EXPECT_EQ(client.response().body, "hello");
}

TEST_F(Http, ANoContentAnswerHasNoLength) {
  start();
  RawClient client = connect();
  const RawResponse answer = client.exchange("GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.field("Content-Length"), "");
  EXPECT_EQ(client.exchange(kHello).body, "hello");
}

TEST_F(Http, GivesTheApplicationMethodsItDoesNotKnow) {
  start();
  RawClient client = connect();
  EXPECT_EQ(client.exchange("BREW /pot?milk=1 HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  EXPECT_EQ(application.last().method, "BREW");
  EXPECT_EQ(application.last().target, "/pot?milk=1");
}

TEST_F(Http, TakesTheAbsoluteForm) {
  start();
  RawClient client = connect();
  client.exchange("GET http://other.example/hello?x=1 HTTP/1.1\r\nHost: chat.example\r\n\r\n");
  EXPECT_EQ(application.last().target, "/hello?x=1");
  EXPECT_EQ(application.last().host, "other.example");
  client.exchange("GET http://other.example?x=1 HTTP/1.1\r\nHost: chat.example\r\n\r\n");
  EXPECT_EQ(application.last().target, "/?x=1");
}

TEST_F(Http, SendsContinueAtTheFirstReadOnly) {
  start();
  RawClient client = connect();
  client.send("POST /body HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.response().status, 100);
  client.send("bo");
  client.send("dy");
  EXPECT_EQ(client.response().body, "body");
  EXPECT_EQ(client.exchange(kHello).body, "hello");
}

TEST_F(Http, ABodyNobodyReadsIsNotAskedFor) {
  start();
  RawClient client = connect();
  const RawResponse answer =
      client.exchange("POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Http, ReadsLongBodies) {
  start();
  RawClient client = connect();
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i);
  EXPECT_EQ(client.exchange(post("/body", body)).body, body);
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 0x1357) {
    const std::string piece = body.substr(at, 0x1357);
    chunks += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  }
  EXPECT_EQ(client.exchange(post_chunked("/body", chunks + "0\r\n\r\n")).body, body);
}

TEST_F(Http, ASmallBodyThatNobodyReadIsDropped) {
  start();
  RawClient client = connect();
  client.send(post("/hello", std::string(60'000, 'x')) + post_chunked("/hello", "3\r\nabc\r\n0\r\n\r\n") +
              kHello);
  for (int i = 0; i < 3; ++i) {
    const RawResponse answer = client.response();
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.field("Connection"), "");
  }
}

TEST_F(Http, ALargeBodyThatNobodyReadEndsTheConnection) {
  start();
  RawClient client = connect();
  client.send("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
  EXPECT_EQ(client.response().field("Connection"), "close");
  EXPECT_TRUE(client.at_end());
  RawClient chunked = connect();
  chunked.send(post_chunked("/hello", "11170\r\n" + std::string(70'000, 'x')));
  EXPECT_EQ(chunked.response().body, "hello");
  EXPECT_TRUE(chunked.ends());
}

TEST_F(Http, ALargeAnswerIsSentAsTheClientReads) {
  start();
  RawClient client(options.address, server->port(), 4096);
  EXPECT_EQ(client.exchange("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").body, std::string(8UZ << 20U, 'x'));
  EXPECT_EQ(client.exchange(kHello).body, "hello");
}

TEST_F(Http, AnswersAClientThatHasEndedItsSide) {
  start();
  RawClient client = connect();
  client.send(kHello);
  client.end_sending();
  EXPECT_EQ(client.response().body, "hello");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Http, ARequestIdIsKeptWhenItIsSane) {
  start();
  RawClient client = connect();
  const auto id_for = [&client](const std::string& given) {
    return client.exchange("GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-ID: " + given + "\r\n\r\n")
        .field("X-Request-ID");
  };
  EXPECT_EQ(id_for("made-up_ID.7"), "made-up_ID.7");
  EXPECT_EQ(id_for(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(application.last().id, std::string(64, 'a'));
  for (const std::string& bad :
       {std::string(65, 'a'), std::string("a b"), std::string("<x>"), std::string()}) {
    const std::string made = id_for(bad);
    EXPECT_EQ(made.size(), 16U) << bad;
    EXPECT_EQ(application.last().id, made);
  }
  EXPECT_NE(client.exchange(kHello).field("X-Request-ID"), client.exchange(kHello).field("X-Request-ID"));
}

TEST_F(Http, AFieldWithALineBreakIsLeftOut) {
  start();
  RawClient client = connect();
  const RawResponse answer = client.exchange("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Set-Cookie"), "");
  EXPECT_EQ(answer.field("X-Split"), "");
}

TEST_F(Http, AnExceptionIsAnsweredAndTheConnectionGoesOn) {
  start();
  RawClient client = connect();
  const RawResponse answer =
      client.exchange("GET /throw HTTP/1.1\r\nHost: a\r\nX-Request-ID: made-up\r\n\r\n");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "internal_error made-up");
  EXPECT_EQ(client.exchange(kHello).status, 200);
}

TEST_F(Http, ASocketForAPlainRequestIsABug) {
  start();
  RawClient client = connect();
  EXPECT_EQ(client.exchange("GET /rude HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
}

TEST_F(Http, ServesOnIPv6) {
  options.address = "::1";
  start();
  RawClient client = connect();
  EXPECT_EQ(client.exchange(kHello).body, "hello");
  EXPECT_EQ(application.last().peer, "::1");
}

TEST_F(Http, ShowsAnIPv4PeerOfAnIPv6ListenerAsIPv4) {
  options.address = "::";
  start();
  RawClient client("127.0.0.1", server->port());
  client.exchange(kHello);
  EXPECT_EQ(application.last().peer, "127.0.0.1");
}

TEST_F(Http, AnAddressThatCannotBeHadIsAFailedStart) {
  start();
  ServerOptions taken = options;
  taken.port = server->port();
  EXPECT_THROW(Server(loops, application, clock, taken), std::system_error);
  ServerOptions foreign = options;
  foreign.address = "192.0.2.1";  // of nobody, RFC 5737
  EXPECT_THROW(Server(loops, application, clock, foreign), std::system_error);
  ServerOptions nonsense = options;
  nonsense.address = "localhost";
  EXPECT_THROW(Server(loops, application, clock, nonsense), std::invalid_argument);
}

TEST_F(Http, OverTheLimitOfConnectionsIsTold) {
  options.limits.connections = 2;
  start();
  RawClient first = connect();
  std::optional<RawClient> second(connect());
  EXPECT_EQ(first.exchange(kHello).status, 200);
  EXPECT_EQ(second->exchange(kHello).status, 200);
  RawClient third = connect();
  const RawResponse refused = third.response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "overloaded " + refused.field("X-Request-ID"));
  EXPECT_TRUE(third.at_end());
  second.reset();
  EXPECT_TRUE(eventually([this] { return server->connections() == 1; }));
  RawClient fourth = connect();
  EXPECT_EQ(fourth.exchange(kHello).status, 200);
}

// Out of descriptors accept fails while the listener stays readable.
TEST_F(Http, AcceptsAgainWhenThereAreDescriptorsAgain) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP()
      << "UBSan looks at an object's type through a pipe, and takes it for a bad one when it gets none";
#endif
  start();
  RawClient first = connect();
  EXPECT_EQ(first.exchange(kHello).status, 200);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  RawClient waiting(options.address, server->port());
  EXPECT_EQ(waiting.exchange(kHello).status, 200);
  RawClient late = [&] {
    const int next = ::dup(0);
    ::close(next);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(next) + 1;  // the client's own socket, and nothing for the server
    ::setrlimit(RLIMIT_NOFILE, &tight);
    return RawClient(options.address, server->port());
  }();
  EXPECT_EQ(first.exchange(kHello).status, 200);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(late.exchange(kHello).status, 200);
}

}  // namespace
}  // namespace izpo::transport::test
