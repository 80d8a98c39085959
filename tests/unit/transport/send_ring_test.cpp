#include "transport/send_ring.hpp"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "transport/loops.hpp"

namespace izpo::transport {
namespace {

// One end of a pair of sockets, and what it has to send; the test has the other end.
class Speaker final : public Flushable {
 public:
  explicit Speaker(std::vector<std::string> frames) : frames_(std::move(frames)) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()) != 0) throw std::bad_alloc();
    near_ = pair[0];
    far_ = pair[1];
  }
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  ~Speaker() {
    ::close(near_);
    if (far_ >= 0) ::close(far_);
  }

  void flush() override {}
  Offer offer(std::span<iovec> pieces) override {
    std::size_t count = 0;
    for (; count < frames_.size() && count < pieces.size(); ++count) {
      pieces[count] = {frames_[count].data(), frames_[count].size()};
    }
    return {.socket = near_, .pieces = count};
  }
  void taken(std::size_t bytes) override { taken_.push_back(bytes); }

  void hang_up() { ::close(std::exchange(far_, -1)); }

  // Until it takes nothing more.
  void fill() {
    const std::string bytes(4096, 'f');
    while (::send(near_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
    }
  }

  std::string received() const {
    std::string all(1UZ << 20U, '\0');
    ssize_t count = 0;
    do {
      count = ::recv(far_, all.data(), all.size(), 0);
    } while (count < 0 && errno == EINTR);  // the end of the last test's ring interrupts
    all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return all;
  }
  // How many bytes it was told of, each time.
  const std::vector<std::size_t>& told() const { return taken_; }

 private:
  std::vector<std::string> frames_;
  std::vector<std::size_t> taken_;
  int near_ = -1;
  int far_ = -1;
};

class SendRingTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = SendRing::make();
    if (!made) GTEST_SKIP() << "no io_uring here: " << made.error().message();
    ring = *std::move(made);
    ASSERT_FALSE(ring->start());
  }

  Speaker& add(std::vector<std::string> frames) { return speakers.emplace_back(std::move(frames)); }
  std::error_code write() {
    FlushList due;
    for (Speaker& speaker : speakers) due.push_back(speaker);
    return ring->write(due);
  }

  std::unique_ptr<SendRing> ring;
  std::deque<Speaker> speakers;
};

TEST_F(SendRingTest, WritesWhatEachOffers) {
  for (int i = 0; i < 300; ++i) {  // more than go into the ring at once
    std::vector<std::string> frames;
    for (int frame = 0; frame <= i % 3; ++frame) frames.push_back(std::to_string(i) + ";");
    add(std::move(frames));
  }
  ASSERT_FALSE(write());
  for (std::size_t i = 0; i < speakers.size(); ++i) {
    std::string expected;
    for (std::size_t frame = 0; frame <= i % 3; ++frame) expected += std::to_string(i) + ";";
    EXPECT_EQ(speakers[i].received(), expected);
    EXPECT_EQ(speakers[i].told(), std::vector{expected.size()});
  }
}

TEST_F(SendRingTest, WhoHasNothingToOfferIsNotTold) {
  Speaker& silent = add({});
  for (int i = 0; i < 10; ++i) add({"said"});
  ASSERT_FALSE(write());
  EXPECT_TRUE(silent.told().empty());
  EXPECT_EQ(speakers.back().received(), "said");
}

// A full socket, one whose peer has gone and one that took a part only: each is left to its own flush, which
// hears the reason.
TEST_F(SendRingTest, WhatCannotBeWrittenHoldsNobodyUp) {
  Speaker& full = add({"more"});
  full.fill();
  Speaker& gone = add({"nobody there"});
  gone.hang_up();
  Speaker& partly = add({std::string(8UZ << 20U, 'x')});
  for (int i = 0; i < 10; ++i) add({"said"});
  ASSERT_FALSE(write());
  EXPECT_TRUE(full.told().empty());
  EXPECT_TRUE(gone.told().empty());
  ASSERT_EQ(partly.told().size(), 1U);
  EXPECT_LT(partly.told().front(), 8UZ << 20U);
  for (std::size_t i = 3; i < speakers.size(); ++i) EXPECT_EQ(speakers[i].received(), "said");
}

TEST_F(SendRingTest, AFewAreNotWorthIt) {
  Speaker& alone = add({"said"});
  ASSERT_FALSE(write());
  EXPECT_TRUE(alone.told().empty());
  EXPECT_EQ(alone.received(), "");
}

TEST_F(SendRingTest, ARingThatFailsHasWrittenNothing) {
  auto never_started = SendRing::make();
  ASSERT_TRUE(never_started);
  ring = *std::move(never_started);
  for (int i = 0; i < 10; ++i) add({"said"});
  EXPECT_TRUE(write());
  for (const Speaker& speaker : speakers) {
    EXPECT_TRUE(speaker.told().empty());
    EXPECT_EQ(speaker.received(), "");
  }
}

// As the default profile of container runtimes does.
void forbid_io_uring() {
  std::array<sock_filter, 4> program{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_io_uring_setup},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) std::_Exit(3);
}

TEST(LoopsWithoutIoUring, ServeUnlessItHasToBeOn) {
  EXPECT_EXIT(
      {
        forbid_io_uring();
        const Loops serving(2, IoUring::kAuto);
        try {
          const Loops insisting(2, IoUring::kOn);
        } catch (const NoIoUring& error) {
          std::_Exit(error.what() == std::generic_category().message(EPERM) ? 0 : 2);
        }
        std::_Exit(1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace izpo::transport
