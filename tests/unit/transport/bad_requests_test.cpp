#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

using namespace std::string_literals;

class BadRequests : public ServerTest {
 protected:
  RawResponse answer_to(const std::string& bytes) {
    RawClient client = connect();
    client.send(bytes);
    RawResponse answer = client.response();
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
    return answer;
  }
};

struct Malformed {
  const char* why;
  std::string bytes;
};

// Heads that do not parse, or that two servers could read differently: see RFC 9112 §2.2, §3.2, §5.1, §5.2,
// §6.1, §6.3.
const std::vector<Malformed> kHeads{
    {"no request", "GARBAGE\r\n\r\n"},
    {"no version", "GET /hello\r\nHost: a\r\n\r\n"},
    {"two spaces", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"leading space", " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"trailing word", "GET /hello HTTP/1.1 x\r\nHost: a\r\n\r\n"},
    {"version 2.0", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n"},
    {"version 0.9", "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"no slash", "GET hello HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"authority form", "CONNECT example.net:80 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"other scheme", "GET ftp://a/hello HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"control character in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s},
    {"no Host", "GET /hello HTTP/1.1\r\nAccept: */*\r\n\r\n"},
    {"two Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
    {"bare LF after the request line", "GET /hello HTTP/1.1\nHost: a\r\n\r\n"},
    {"bare LF after a field", "GET /hello HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
    {"bare LF at the end", "GET /hello HTTP/1.1\r\nHost: a\r\n\n"},
    {"only LFs", "\n\n\n\n"},
    {"bare CR", "GET /hello HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
    {"folded field", "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
    {"folded empty field", "GET /hello HTTP/1.1\r\nHost:\r\n\ta\r\n\r\n"},
    {"folded first field", "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"space before the colon", "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"},
    {"no colon", "GET /hello HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
    {"no name", "GET /hello HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
    {"NUL in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s},
    {"NUL in a name", "GET /hello HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"s},
    {"length and coding",
     "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"coding and length",
     "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"},
    {"two lengths", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody"},
    {"two equal lengths",
     "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody"},
    {"list of lengths", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nbody"},
    {"negative length", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n"},
    {"signed length", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nbody"},
    {"hexadecimal length", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nbody"},
    {"empty length", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
    {"length of 20 digits", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"},
    {"two codings", "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"chunked not last", "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"},
    {"chunked twice",
     "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"identity",
     "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody"},
    {"quoted coding", "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n"},
    {"coding in HTTP/1.0", "POST /body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
};

TEST_F(BadRequests, AMalformedHeadIsRefusedAndTheConnectionEnds) {
  start();
  for (const Malformed& request : kHeads) {
    SCOPED_TRACE(request.why);
    const RawResponse answer = answer_to(request.bytes);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "malformed_request " + answer.field("X-Request-ID"));
  }
}

const std::vector<Malformed> kBodies{
    {"no size", "\r\nbody\r\n0\r\n\r\n"},
    {"not hexadecimal", "zz\r\nbody\r\n0\r\n\r\n"},
    {"negative size", "-4\r\nbody\r\n0\r\n\r\n"},
    {"prefix", "0x4\r\nbody\r\n0\r\n\r\n"},
    {"leading space", " 4\r\nbody\r\n0\r\n\r\n"},
    {"size over 64 bits", "10000000000000000\r\nbody"},
    {"longer than its size", "3\r\nbody\r\n0\r\n\r\n"},
    {"no CRLF after the data", "4\r\nbody0\r\n\r\n"},
    {"LF after the size", "4\nbody\r\n0\r\n\r\n"},
    {"LF after the data", "4\r\nbody\n0\r\n\r\n"},
    {"bare CR in the size line", "4\r;\r\nbody\r\n0\r\n\r\n"},
    {"LF in a quoted extension", "4;a=\"\n\"\r\nbody\r\n0\r\n\r\n"},
    {"NUL in a quoted extension", "4;a=\"\0\"\r\nbody\r\n0\r\n\r\n"s},
    {"blanks without an extension", "4 \r\nbody\r\n0\r\n\r\n"},
    {"long extension", "4;a=" + std::string(2000, 'b') + "\r\nbody\r\n0\r\n\r\n"},
    {"endless size line", std::string(20'000, '0')},
    {"endless extension", "4;a=" + std::string(20'000, 'b')},
    {"endless trailers", "0\r\n" + std::string(20'000, 'b')},
    {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n"},
    {"NUL in a trailer", "0\r\nA: \0\r\n\r\n"s},
};

TEST_F(BadRequests, BadChunkingFailsTheReadAndTheConnectionEnds) {
  start();
  for (const Malformed& body : kBodies) {
    SCOPED_TRACE(body.why);
    const RawResponse answer =
        answer_to("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body.bytes);
    EXPECT_EQ(answer.status, 400);
  }
}

// However the bytes are cut, the verdict is the same.
TEST_F(BadRequests, BadChunkingByteByByte) {
  start();
  for (const Malformed& body : kBodies) {
    if (body.bytes.size() > 100) continue;
    SCOPED_TRACE(body.why);
    RawClient client = connect();
    client.send("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char byte : body.bytes) client.send({&byte, 1});
    EXPECT_EQ(client.response().status, 400);
    EXPECT_TRUE(client.ends());
  }
}

TEST_F(BadRequests, ATruncatedRequestIsToldSo) {
  start();
  for (const std::string bytes : {"GET", "GET /hello HTTP/1.1\r\nHost: a\r\n",
                                  "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nshort"}) {
    SCOPED_TRACE(bytes);
    RawClient client = connect();
    client.send(bytes);
    client.end_sending();
    EXPECT_EQ(client.response().status, 400);
    EXPECT_TRUE(client.at_end());
  }
}

TEST_F(BadRequests, HeadsHaveLimits) {
  start();
  const std::string line(1000, 'x');
  std::string large = "GET /hello HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) large += "X-" + std::to_string(i) + ": " + line + "\r\n";
  std::string many = "GET /hello HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  const std::vector<Malformed> heads{
      {"100 KB of fields", large + "\r\n"},
      {"one endless field", "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x')},
      {"endless request line", std::string(100'000, 'x')},
      {"101 fields", many + "\r\n"},
      {"long target", "GET /" + std::string(8192, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
  };
  for (const Malformed& head : heads) {
    SCOPED_TRACE(head.why);
    EXPECT_EQ(answer_to(head.bytes).status, 431);
  }
  RawClient client = connect();
  EXPECT_EQ(client
                .exchange("GET /" + std::string(8191, 'x') +
                          " HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
                .status,
            200);
}

// The answer comes before the request is whole, and is not lost to a reset while the client still sends.
TEST_F(BadRequests, AnAnswerReachesAClientThatIsStillSending) {
  start();
  RawClient client = connect();
  client.send("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(100'000, 'x')));
  EXPECT_TRUE(client.send(std::string(100'000, 'x')));
  EXPECT_EQ(client.response().body, "hello");
}

}  // namespace
}  // namespace izpo::transport::test
