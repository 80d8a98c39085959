#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "base/task_group.hpp"
#include "base/use_task.hpp"
#include "ports/message_store.hpp"
#include "realtime/hub.hpp"
#include "realtime/write_queue.hpp"

namespace izpo::realtime {

// Brings to the sockets here what other processes wrote into their rooms. Every so often it asks the store
// for the last number of each room that somebody here listens to, in one query; and it reads the gaps that
// this, or a batch that jumps over another's messages, has shown. So every message comes once and in its
// order, at the latest about one interval after its commit, whether or not anything was lost on the way.
//
// While the store fails it tries again, ever more slowly, up to once a second. A room that the store has no
// more is closed (4404).
class CatchUp {
 public:
  struct Rules {
    std::chrono::milliseconds ask_every{0};  // 0: never, since nobody else writes; gaps are read all the same
    std::size_t readers = 4;                 // gaps that are read at once
  };

  // All must outlive the tasks. `home` is the hub's home.
  CatchUp(MessageStore& store, Hub& hub, WriteQueue& writes, const Executor& home, Rules rules);

  // Starts its tasks in `group`, at home. Once.
  void start(TaskGroup& group);

  // Its tasks end, after the reads under way. Any thread.
  void stop();

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  Task<> read_gaps();
  Task<> ask();
  Task<Result<void>> ask_once();
  Task<Result<void>> read(RoomCursors::Gap gap);

  // Logs the first failure of a row of them.
  static void report(bool& well, const Result<void>& result, std::string_view what);

  // Until `delay` has passed, or stop().
  Task<> pause(std::chrono::milliseconds delay);

  MessageStore& store_;
  Hub& hub_;
  WriteQueue& writes_;
  const Executor home_;
  const Rules rules_;

  // At home only:
  bool stopping_ = false;
  bool reads_well_ = true;
  bool asks_well_ = true;
  std::vector<Resume> idle_;    // readers without a gap
  std::vector<Timer*> pauses_;  // that are under way
};

}  // namespace izpo::realtime
