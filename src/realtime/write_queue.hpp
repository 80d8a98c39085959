#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "base/task.hpp"
#include "ports/clock.hpp"
#include "ports/message_log.hpp"
#include "ports/message_store.hpp"
#include "realtime/hub.hpp"

namespace izpo::realtime {

// Group commit: a writer takes everything that is queued, commits it in one transaction, and hands the whole
// batch to the hub. There is no timer; a batch is what gathered while the last one was committed. So a
// message is shown only when it is on disk, everybody sees a room's one order, and an fsync is shared by all
// who wait for it. A store that works at several batches at once has as many writers, and each room is always
// the same writer's. A change of what was posted is a transaction of its own, for which all writers pause.
class WriteQueue final : public MessageLog {
 public:
  // Bounds of what waits (not counting the batch in flight); beyond them append fails with kOverloaded.
  struct Limits {
    std::size_t messages = 20'000;              // of all rooms
    std::size_t bytes = std::size_t{64} << 20;  // of content
    std::size_t batch = 1024;  // messages a transaction: bounds the wait of the first behind it
    std::size_t changes = 1000;
  };

  // Everything must outlive run(). `home` is the loop that the writers are spawned on.
  WriteQueue(MessageStore& store, Hub& hub, const Clock& clock, const Executor& home, Limits limits);

  void append(PendingMessage message, Executor home, Completion done) override;
  void change(Change change, Executor home, ChangeCompletion done) override;

  std::size_t writers() const { return lanes_.size(); }

  // A writer. Spawn each of them once, on `home`; it ends when stop() was called and everything that was
  // queued for it has its outcome.
  Task<> run(std::size_t writer);

  // Returns when what is being committed now for the room, if anything, was answered and handed on; or when
  // `at_most` has passed. On `home`.
  Task<> settled(RoomId room, std::chrono::milliseconds at_most);

  // From now on append fails with kShuttingDown. Any thread.
  void stop();

 private:
  struct Entry {
    PendingMessage message;
    Executor home;
    Completion done;
  };

  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  struct ChangeEntry {
    Change change;
    Executor home;
    ChangeCompletion done;
  };

  // A writer and its rooms.
  struct Lane {
    explicit Lane(const Executor& home) : sleep(home, std::chrono::steady_clock::time_point::max()) {}

    std::vector<Entry> queue;  // under mutex_
    bool idle = false;         // under mutex_: the writer sleeps, or is about to

    // On home_:
    Timer sleep;                   // never expires, cancelled to wake
    bool committing = false;       //
    bool before_changes = true;    // changes that wait let it have one batch more
    std::vector<Timer*> settling;  // cancelled when a commit, or the changes, have ended
  };

  // What a writer does next: one of these, or it sleeps.
  struct Next {
    std::vector<Entry> batch;
    std::vector<ChangeEntry> changes;  // no lane commits; one writer makes them, one after the other
    bool done = false;
  };

  Lane& lane_of(RoomId room);
  Next next(Lane& lane);
  void take(Lane& lane, std::vector<Entry>& batch);
  void end_changes();
  static void settle(Lane& lane);
  Task<> commit(std::vector<Entry> entries);
  Task<> make(ChangeEntry entry);
  void wake(Lane& lane);
  void wake_all();

  MessageStore& store_;
  Hub& hub_;
  const Clock& clock_;
  const Executor home_;
  const Limits limits_;

  std::mutex mutex_;
  std::deque<Lane> lanes_;
  std::vector<ChangeEntry> changes_;  // under mutex_
  std::size_t queued_ = 0;            // under mutex_: messages, in all lanes
  std::size_t queued_bytes_ = 0;      // under mutex_
  bool stopping_ = false;             // under mutex_

  bool changing_ = false;  // on home_: no lane commits
};

}  // namespace izpo::realtime
