#include <set>
#include <string>

#include "support/test_server.hpp"

namespace izpo::transport::test {
namespace {

using wire::Opcode;

class Drain : public ServerTest {
 protected:
  // Soon nobody can connect. Who does before the listener goes has come in time, and would be waited for.
  void expect_no_entry() const {
    EXPECT_TRUE(eventually([this] {
      try {
        const RawClient early = connect();
        return false;
      } catch (const std::system_error&) {  // refused, or reset as the listener goes
        return true;
      }
    }));
  }
  static bool returned(const std::future<void>& drained) {
    return drained.wait_for(0s) == std::future_status::ready;
  }
};

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: chat.example\r\n\r\n";

TEST_F(Drain, NothingOpenEndsAtOnce) {
  start();
  drain(1h);
}

TEST_F(Drain, OneThatWasNeverStartedEndsToo) {
  server.emplace(loops, application, clock, options);
  loops.run();
  drain(1h);
}

TEST_F(Drain, IdleConnectionsEndAndNoNewOneIsTaken) {
  start();
  RawClient used = connect();
  used.exchange(kHello);
  RawClient silent = connect();
  ASSERT_TRUE(eventually([this] { return server->connections() == 2; }));
  const std::uint16_t port = server->port();
  drain(1h);
  EXPECT_TRUE(used.at_end());
  EXPECT_TRUE(silent.at_end());
  EXPECT_THROW(RawClient(options.address, port), std::system_error);
}

TEST_F(Drain, ARequestUnderWayIsAnsweredAndIsTheLast) {
  start();
  RawClient client = connect();
  client.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return application.gate.waiting() == 1; }));
  auto drained = begin_drain(1h);
  expect_no_entry();
  EXPECT_FALSE(returned(drained));
  application.gate.open();
  const RawResponse answer = client.response();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Connection"), "close");
  client.end_sending();
  drained.get();
  server.reset();
}

TEST_F(Drain, WhoWaitsToBeAcceptedIsAnsweredAllTheSame) {
  server.emplace(loops, application, clock, options);
  RawClient client = connect();
  client.send(kHello);
  loops.run();
  auto drained = begin_drain(1h);
  const RawResponse answer = client.response();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Connection"), "close");
  client.end_sending();
  drained.get();
  server.reset();
}

TEST_F(Drain, WhoHasJustConnectedHasTimeForARequest) {
  server.emplace(loops, application, clock, options);
  RawClient client = connect();
  loops.run();
  auto drained = begin_drain(1h);
  ASSERT_TRUE(eventually([this] { return server->connections() == 1; }));
  client.send(kHello);
  EXPECT_EQ(client.response().status, 200);
  client.end_sending();
  drained.get();
  server.reset();
}

TEST_F(Drain, WebSocketsAreToldToComeBackEachAtItsOwnTime) {
  options.limits.returns_per_second = 50;
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 150; ++i) {
    clients.push_back(connect());
    ASSERT_EQ(clients.back().upgrade("/echo").status, 101);
  }
  auto drained = begin_drain(1h);
  std::set<int> delays;
  for (RawClient& client : clients) {
    const RawFrame told = client.frame();
    ASSERT_TRUE(told.payload.starts_with("back in ")) << told.payload;
    delays.insert(std::stoi(told.payload.substr(8)));
    const RawFrame close = client.frame();
    EXPECT_EQ(close.opcode, Opcode::kClose);
    EXPECT_EQ(close.close_code(), 1012);
    client.send(izpo::test::client_close(1012));
    EXPECT_TRUE(client.at_end());
  }
  drained.get();
  EXPECT_EQ(application.closed, 150);
  // 150 at 50 a second: within three seconds, once a restart can be over.
  EXPECT_GE(*delays.begin(), 1000);
  EXPECT_LT(*delays.rbegin(), 4000);
  EXPECT_GT(*delays.rbegin() - *delays.begin(), 2000);
  EXPECT_GT(delays.size(), 120U) << "each another";
  server.reset();
}

TEST_F(Drain, WhatDoesNotEndIsCutAtTheDeadline) {
  options.timeouts.close = 1h;
  start();
  RawClient socket = connect();
  ASSERT_EQ(socket.upgrade("/echo").status, 101);
  RawClient half = connect();
  half.send("GET /hel");
  RawClient stuck(options.address, server->port(), 4096);
  stuck.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return application.last().target == "/large"; }));
  drain(100ms);
  EXPECT_EQ(socket.frame().opcode, Opcode::kText);
  EXPECT_EQ(socket.frame().close_code(), 1012);
  EXPECT_TRUE(socket.ends());
  EXPECT_TRUE(half.ends());
}

TEST_F(Drain, AbortCutsADrainShort) {
  options.timeouts.close = 1h;
  start();
  RawClient socket = connect();
  ASSERT_EQ(socket.upgrade("/echo").status, 101);
  auto drained = begin_drain(1h);
  EXPECT_EQ(socket.frame().opcode, Opcode::kText);
  EXPECT_EQ(socket.frame().close_code(), 1012);
  EXPECT_FALSE(returned(drained));
  server->abort();
  drained.get();
  server.reset();
  EXPECT_TRUE(socket.ends());
}

// A handler cannot be cut: its answer may be a commit's. Only its connection is.
TEST_F(Drain, AHandlerIsWaitedForPastTheDeadline) {
  start();
  RawClient client = connect();
  client.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return application.gate.waiting() == 1; }));
  auto drained = begin_drain(0ms);
  expect_no_entry();
  EXPECT_FALSE(returned(drained));
  application.gate.open();
  drained.get();
  server.reset();
  EXPECT_TRUE(client.ends());
}

}  // namespace
}  // namespace izpo::transport::test
