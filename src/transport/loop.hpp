#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "base/task.hpp"
#include "base/time.hpp"
#include "base/timer_wheel.hpp"
#include "transport/flushable.hpp"

namespace izpo::transport {

class SendRing;

// What a loop knows of each of its connections. Out of scope is out of the loop's list.
class Connection : public boost::intrusive::list_base_hook<AutoUnlink, boost::intrusive::tag<Connection>> {
 public:
  // The server stops: end after what is under way. Whether this began a close handshake. Clients that stay
  // connected are told to come back at a random moment within `returns`.
  virtual bool drain(std::chrono::milliseconds returns) = 0;

  // End now.
  virtual void abort() = 0;

 protected:
  Connection() = default;
  ~Connection() = default;
};

// One thread's world: its io_context, its connections and what they share. Everything but executor() is for
// the thread that runs it.
class Loop {
 public:
  using Connections = boost::intrusive::list<Connection,
                                             boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                                 AutoUnlink, boost::intrusive::tag<Connection>>>,
                                             boost::intrusive::constant_time_size<false>>;

  // A ring, when there is one, writes for all that are due at the end of a tick.
  explicit Loop(std::chrono::milliseconds tick, std::unique_ptr<SendRing> ring);
  ~Loop();

  Executor executor() { return context_.get_executor(); }

  // Serves until stop(). An exception out of a handler is a bug: logged, and the loop goes on.
  void run();
  void stop();  // from any thread

  // The connection's deadlines pass on this loop's wheel while it is in the list.
  void add(Connection& connection);
  Connections& connections() { return connections_; }

  void arm(TimerWheel::Timer& timer, std::chrono::milliseconds after) { wheel_.arm(timer, after); }

  // flush() is called once, after what is ready to run on this loop now has run.
  void flush_later(Flushable& socket);

  // Where reads land. The bytes are good until the coroutine that read them suspends.
  std::span<char> scratch() { return scratch_; }

  // Not for secrets: request ids and jitter.
  std::uint64_t random();

  // As HTTP writes it (RFC 9110 §5.6.7); formatted once a second, and good until the next call.
  std::string_view http_date(Timestamp now);

 private:
  void tick();
  void flush_dirty();
  void drop_ring(std::error_code error);

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_{context_.get_executor()};
  boost::asio::basic_waitable_timer<TimerWheel::Clock, boost::asio::wait_traits<TimerWheel::Clock>, Executor>
      ticker_;
  bool ticking_ = false;
  TimerWheel wheel_;
  Connections connections_;
  FlushList dirty_;
  bool flush_posted_ = false;
  std::unique_ptr<SendRing> ring_;
  std::vector<char> scratch_;
  std::uint64_t random_state_;
  std::int64_t date_second_ = -1;
  std::array<char, 30> date_{};
};

}  // namespace izpo::transport
