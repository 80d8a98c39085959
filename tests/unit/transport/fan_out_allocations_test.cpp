// Steady-state fan-out allocates nothing per delivery: what a batch costs in allocations on the loops does
// not grow with the sockets of its room.
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <new>

#include <boost/asio/post.hpp>

#include "realtime/hub.hpp"
#include "support/plain_links.hpp"
#include "support/recording_socket.hpp"
#include "support/test_server.hpp"

#if !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer)  // they have an operator new of their own

namespace {

thread_local std::size_t allocations = 0;  // of this thread so far

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* const memory = alignment == 0
                           ? std::malloc(size)
                           : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Of the whole program: they count and are otherwise what they were.
void* operator new(std::size_t size) {
  return allocate(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace izpo::transport::test {
namespace {

constexpr RoomId kRoom(1);
constexpr std::size_t kBatches = 50;

// Sits in the room, and has seen everything up to now.
class Guest final : public realtime::SocketHandler {
 public:
  Guest(realtime::Hub& hub, std::atomic<std::size_t>& seated, const std::atomic<std::int64_t>& last)
      : hub_(hub), seated_(seated), last_(last) {}

  Task<> opened(realtime::Socket& socket) override {
    seat_ = hub_.subscribe({kRoom, izpo::testing::client_of({UserId(1), "ana", std::nullopt})}, socket);
    EXPECT_TRUE(seat_->go_live(Seq(last_)));
    ++seated_;
    co_return;
  }
  Task<> text(std::string_view) override { co_return; }
  Task<> binary(std::string_view) override { co_return; }
  void closed() override { seat_.reset(); }

 private:
  realtime::Hub& hub_;
  std::atomic<std::size_t>& seated_;
  const std::atomic<std::int64_t>& last_;
  std::unique_ptr<realtime::Subscription> seat_;
};

class FanOutAllocations : public ::testing::TestWithParam<std::size_t>, private api::Application {
 public:
  ~FanOutAllocations() override {
    boost::asio::co_spawn(loops_.at(0).executor(), server_.drain(0ms), boost::asio::use_future).get();
    loops_.stop();
  }

 protected:
  FanOutAllocations() {
    server_.start();
    loops_.run();
  }

  // What all batches cost the loop with so many sockets in the room.
  std::size_t with_sockets(std::size_t count) {
    while (clients_.size() < count) {
      clients_.emplace_back(options_.address, server_.port());
      EXPECT_EQ(clients_.back().upgrade("/").status, 101);
    }
    EXPECT_TRUE(eventually([&] { return seated_ == count; }));
    deliver();  // what grows once has grown
    const auto before = so_far();
    for (std::size_t i = 0; i < kBatches; ++i) deliver();
    return so_far() - before;
  }

 private:
  Task<api::Response> handle(api::Request&) override {
    api::Response response;
    response.socket = std::make_unique<Guest>(hub_, seated_, seq_);
    co_return response;
  }
  api::Response refuse(const Error&, const api::Request&) override { return {}; }

  // One batch, to its arrival at every client.
  void deliver() {
    std::vector<AppendOutcome> batch;
    for (std::size_t i = 0; i < GetParam(); ++i) {
      batch.push_back(AppendedMessage{.message = {.id = MessageId(1),
                                                  .room = kRoom,
                                                  .sender = UserId(1),
                                                  .seq = Seq(++seq_),
                                                  .content = "hola",
                                                  .client_id = std::nullopt,
                                                  .file = std::nullopt,
                                                  .created_at = {}},
                                      .sender = {UserId(1), "ana", std::nullopt},
                                      .file = std::nullopt,
                                      .repeat = false});
    }
    boost::asio::post(loops_.at(0).executor(),
                      [this, delivery = hub_.encode(batch)] { hub_.deliver(delivery); });
    for (auto& client : clients_) {
      for (std::size_t i = 0; i < batch.size(); ++i) EXPECT_EQ(client.frame().opcode, wire::Opcode::kText);
    }
  }

  std::size_t so_far() {
    std::promise<std::size_t> count;
    boost::asio::post(loops_.at(0).executor(), [&] { count.set_value(allocations); });
    return count.get_future().get();
  }

  ServerOptions options_;
  ExampleClock clock_;
  std::atomic<std::size_t> seated_ = 0;
  std::atomic<std::int64_t> seq_ = 0;
  Loops loops_{1, IoUring::kAuto, 10ms};
  izpo::testing::PlainLinks links_;
  realtime::Hub hub_{loops_.executors(), clock_, links_};
  Server server_{loops_, *this, clock_, options_};
  std::vector<RawClient> clients_;
};

// Looking whether a batch follows what was delivered before costs no memory: a room whose order is kept has
// as many allocations as one that nobody listens to.
TEST(FanOutOrder, AllocatesNothing) {
  boost::asio::io_context loop;
  const ExampleClock clock;
  const izpo::testing::PlainLinks links;
  realtime::Hub hub({loop.get_executor()}, clock, links);
  izpo::testing::RecordingSocket socket(loop.get_executor());
  const auto seat =
      hub.subscribe({kRoom, izpo::testing::client_of({UserId(1), "ana", std::nullopt})}, socket);
  EXPECT_TRUE(seat->go_live(Seq(0)));
  loop.poll();

  const auto cost_in = [&](RoomId room) {
    std::size_t cost = 0;
    for (std::int64_t seq = 1; seq <= std::int64_t{kBatches}; ++seq) {
      const std::vector<AppendOutcome> batch{AppendedMessage{.message = {.id = MessageId(seq),
                                                                         .room = room,
                                                                         .sender = UserId(1),
                                                                         .seq = Seq(seq),
                                                                         .content = "hola",
                                                                         .client_id = std::nullopt,
                                                                         .file = std::nullopt,
                                                                         .created_at = {}},
                                                             .sender = {UserId(1), "ana", std::nullopt},
                                                             .file = std::nullopt,
                                                             .repeat = false}};
      auto delivery = hub.encode(batch);
      const auto before = allocations;
      hub.deliver(std::move(delivery));
      cost += allocations - before;
      loop.restart();
      loop.poll();
    }
    return cost;
  };
  const auto untracked = cost_in(RoomId(2));
  EXPECT_EQ(cost_in(kRoom), untracked);
  EXPECT_EQ(socket.frames(), kBatches);
}

// The parameter: messages in a batch.
TEST_P(FanOutAllocations, DoNotGrowWithTheSockets) {
  const auto few = with_sockets(4);
  const auto many = with_sockets(40);
  EXPECT_GT(allocations, 0);  // it counts: this thread made the batches
  EXPECT_LT(many, few + kBatches);
}

INSTANTIATE_TEST_SUITE_P(Batches, FanOutAllocations, ::testing::Values(1, 4, 200));

}  // namespace
}  // namespace izpo::transport::test

#endif
