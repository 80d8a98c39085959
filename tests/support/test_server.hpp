#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "api/http_types.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"
#include "ports/clock.hpp"
#include "support/raw_client.hpp"
#include "transport/loop.hpp"
#include "transport/loops.hpp"
#include "transport/server.hpp"

namespace izpo::transport::test {

using namespace std::chrono_literals;

// 1994-11-06 08:49:37 UTC, the date of RFC 9110's examples.
class ExampleClock final : public Clock {
 public:
  Timestamp now() const override { return from_micros(784111777'000'000); }
};

// A gate that coroutines wait at, and that the test opens.
class Gate {
 public:
  Task<> pass() {
    return suspend([this](Resume resume) {
      {
        const std::lock_guard lock(mutex_);
        ++waiting_;
        if (!open_) {
          waiters_.push_back(std::move(resume));
          return;
        }
      }
      resume();
    });
  }
  void open() {
    std::vector<Resume> ready;
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
      ready.swap(waiters_);
    }
    for (Resume& resume : ready) resume();
  }
  std::size_t waiting() const { return waiting_; }

 private:
  std::mutex mutex_;
  std::vector<Resume> waiters_;
  bool open_ = false;
  std::atomic<std::size_t> waiting_ = 0;
};

// Sends back what it gets; "close" closes, "throw" throws, "gate" waits at the gate.
class EchoHandler final : public realtime::SocketHandler {
 public:
  explicit EchoHandler(Gate& gate, std::atomic<int>& closed) : gate_(gate), closed_(closed) {}

  Task<> opened(realtime::Socket& socket) override {
    socket_ = &socket;
    co_return;
  }
  Task<> text(std::string_view message) override {
    if (message == "throw") throw std::runtime_error("as asked");
    if (message == "gate") co_await gate_.pass();
    if (message == "close") socket_->close(realtime::CloseCode::kRemoved, "as asked");
    socket_->send(realtime::text_frame(message), realtime::Urgency::kKept);
  }
  Task<> binary(std::string_view message) override {
    socket_->send(
        std::make_shared<const realtime::EncodedEvent>(wire::encode_frame(wire::Opcode::kBinary, message)),
        realtime::Urgency::kKept);
    co_return;
  }
  void restarting(std::chrono::milliseconds delay) override {
    socket_->send(realtime::text_frame("back in " + std::to_string(delay.count())), realtime::Urgency::kKept);
  }
  void closed() override { ++closed_; }

 private:
  Gate& gate_;
  std::atomic<int>& closed_;
  realtime::Socket* socket_ = nullptr;
};

// Every socket that is open, so that a test can speak to all.
class Crowd {
 public:
  class Member final : public realtime::SocketHandler {
   public:
    explicit Member(Crowd& crowd) : crowd_(crowd) {}
    Task<> opened(realtime::Socket& socket) override {
      socket_ = &socket;
      const std::lock_guard lock(crowd_.mutex_);
      crowd_.members_.push_back(this);
      co_return;
    }
    Task<> text(std::string_view) override { co_return; }
    Task<> binary(std::string_view) override { co_return; }
    void closed() override {
      const std::lock_guard lock(crowd_.mutex_);
      std::erase(crowd_.members_, this);
    }

   private:
    friend class Crowd;
    Crowd& crowd_;
    realtime::Socket* socket_ = nullptr;
  };

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return members_.size();
  }

  // On each socket's loop, once.
  void each(const std::function<void(realtime::Socket&)>& act) {
    const std::lock_guard lock(mutex_);
    for (Member* member : members_) {
      boost::asio::post(member->socket_->executor(), [this, member, act] {
        {
          const std::lock_guard inner(mutex_);
          if (std::ranges::find(members_, member) == members_.end()) return;
        }
        act(*member->socket_);
      });
    }
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Member*> members_;
};

class TestApplication final : public api::Application {
 public:
  Task<api::Response> handle(api::Request& request) override {
    api::Response response;
    {
      const std::lock_guard lock(mutex_);
      last_ = {.method = request.method_name,
               .target = request.target,
               .peer = request.peer_address,
               .id = request.request_id,
               .host = std::string(request.headers.find("Host").value_or("")),
               .websocket = request.upgrade_websocket};
    }
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path == "/throw") throw std::runtime_error("as asked");
    if (path == "/gate") co_await gate.pass();
    if (path == "/echo" && request.upgrade_websocket) {
      response.socket = std::make_unique<EchoHandler>(gate, closed);
      response.headers.add("Sec-WebSocket-Protocol", "example");
      co_return response;
    }
    if (path == "/crowd" && request.upgrade_websocket) {
      response.socket = std::make_unique<Crowd::Member>(crowd);
      co_return response;
    }
    if (path == "/rude") response.socket = std::make_unique<Crowd::Member>(crowd);
    if (path == "/none") response.status = 204;
    if (path == "/split") response.headers.add("X-Split", "a\r\nSet-Cookie: b");
    if (path == "/large") response.body = std::string(8UZ << 20U, 'x');
    if (path == "/hello") response.body = "hello";
    if (path == "/body") {
      std::string chunk(1000, '\0');
      for (;;) {
        const auto count = co_await request.body->read(chunk);
        if (!count) co_return refuse(count.error(), request);
        if (*count == 0) break;
        response.body.append(chunk, 0, *count);
      }
    }
    co_return response;
  }

  api::Response refuse(const Error& error, const api::Request& request) override {
    static const std::map<std::string_view, int> kStatus{{reason::kMalformedRequest.name, 400},
                                                         {reason::kHeadersTooLarge.name, 431},
                                                         {reason::kRequestTimeout.name, 408},
                                                         {reason::kInternal.name, 500},
                                                         {reason::kOverloaded.name, 503}};
    api::Response response;
    response.status = kStatus.at(error.reason.name);
    response.body = std::string(error.reason.name) + " " + request.request_id;
    return response;
  }

  struct Seen {
    std::string method, target, peer, id, host;
    bool websocket = false;
  };
  Seen last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  Gate gate;
  Crowd crowd;
  std::atomic<int> closed = 0;

 private:
  mutable std::mutex mutex_;
  Seen last_;
};

// A real server on a free loopback port, with short deadlines where a test asks for them.
class ServerTest : public ::testing::Test {
 protected:
  explicit ServerTest(IoUring io_uring = IoUring::kAuto) : loops(2, io_uring, 10ms) {}
  ~ServerTest() override {
    application.gate.open();
    if (server) drain(0ms);
    loops.stop();
  }

  void start() {
    server.emplace(loops, application, clock, options);
    server->start();
    if (!std::exchange(running_, true)) loops.run();
  }
  void drain(std::chrono::milliseconds deadline) {
    begin_drain(deadline).get();
    server.reset();
  }
  std::future<void> begin_drain(std::chrono::milliseconds deadline) {
    return boost::asio::co_spawn(loops.at(0).executor(), server->drain(deadline), boost::asio::use_future);
  }
  RawClient connect() const { return RawClient(options.address, server->port()); }

  ServerOptions options;
  ExampleClock clock;
  TestApplication application;
  Loops loops;
  std::optional<Server> server;

 private:
  bool running_ = false;
};

// Whether `condition` comes true within a generous time.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace izpo::transport::test
