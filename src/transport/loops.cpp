#include "transport/loops.hpp"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "transport/loop.hpp"
#include "transport/send_ring.hpp"

namespace izpo::transport {

namespace {

std::unique_ptr<SendRing> make_ring(IoUring wanted) {
  if (wanted == IoUring::kOff) return nullptr;
  auto made = SendRing::make();
  if (made) return *std::move(made);
  if (wanted == IoUring::kOn) throw NoIoUring(made.error().message());
  spdlog::info("no io_uring here, each socket is written to by itself: {}", made.error().message());
  return nullptr;
}

}  // namespace

Loops::Loops(std::size_t count, IoUring io_uring, std::chrono::milliseconds tick) {
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
    auto ring = make_ring(io_uring);
    if (!ring) io_uring = IoUring::kOff;  // asked for and warned of once
    loops_.push_back(std::make_unique<Loop>(tick, std::move(ring)));
  }
}

Loops::~Loops() {
  stop();
}

std::vector<Executor> Loops::executors() const {
  std::vector<Executor> all;
  all.reserve(loops_.size());
  for (const auto& loop : loops_) all.push_back(loop->executor());
  return all;
}

void Loops::run() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), ("loop-" + std::to_string(i)).c_str());
      loops_[i]->run();
    });
  }
}

void Loops::stop() {
  for (const auto& loop : loops_) loop->stop();
  threads_.clear();
}

}  // namespace izpo::transport
