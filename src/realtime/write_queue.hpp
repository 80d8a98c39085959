#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <mutex>
#include <vector>

#include "base/task.hpp"
#include "ports/clock.hpp"
#include "ports/message_log.hpp"
#include "ports/message_store.hpp"
#include "realtime/hub.hpp"

namespace izpo::realtime {

// Group commit: one writer takes everything that is queued, commits it in one transaction, and hands the
// whole batch to the hub. There is no timer; a batch is what gathered while the last one was committed. So a
// message is shown only when it is on disk, everybody sees one order, and an fsync is shared by all who wait
// for it.
class WriteQueue final : public MessageLog {
 public:
  // Bounds of what waits (not counting the batch in flight); beyond them append fails with kOverloaded.
  struct Limits {
    std::size_t messages = 20'000;
    std::size_t bytes = std::size_t{64} << 20;  // of content
    std::size_t batch = 1024;  // messages a transaction: bounds the wait of the first behind it
  };

  // Everything must outlive run(). `home` is the loop that run() is spawned on.
  WriteQueue(MessageStore& store, Hub& hub, const Clock& clock, const Executor& home, Limits limits);

  void append(PendingMessage message, Executor home, Completion done) override;

  // The writer. Spawn it once, on `home`; it ends when stop() was called and everything queued has its
  // outcome.
  Task<> run();

  // From now on append fails with kShuttingDown. Any thread.
  void stop();

 private:
  struct Entry {
    PendingMessage message;
    Executor home;
    Completion done;
  };

  std::vector<Entry> take();
  Task<> commit(std::vector<Entry> entries);
  void wake();

  MessageStore& store_;
  Hub& hub_;
  const Clock& clock_;
  const Executor home_;
  const Limits limits_;

  std::mutex mutex_;
  std::vector<Entry> queue_;      // under mutex_
  std::size_t queued_bytes_ = 0;  // under mutex_
  bool stopping_ = false;         // under mutex_
  bool idle_ = false;             // under mutex_: run() sleeps, or is about to

  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      sleep_;  // on home_: never expires, cancelled to wake
};

}  // namespace izpo::realtime
