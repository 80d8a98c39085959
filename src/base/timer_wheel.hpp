#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/intrusive/list.hpp>

namespace izpo {

// Many coarse deadlines, cheaply: setting, moving and dropping one is a few pointer writes and allocates
// nothing. A deadline passes never early and at most two ticks late. No I/O and no clock of its own: its
// owner advances it. For one thread.
class TimerWheel {
 public:
  using Clock = std::chrono::steady_clock;

  // Derive from it. Going out of scope takes it off the wheel.
  class Timer
      : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    bool armed() const { return is_linked(); }
    void disarm() { unlink(); }

   protected:
    Timer() = default;
    ~Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    friend class TimerWheel;

    // The deadline has passed; it is off the wheel and may be armed again. May end any timer, itself too.
    virtual void expired() = 0;

    std::uint64_t due_ = 0;  // the tick at which it expires
  };

  TimerWheel(std::chrono::milliseconds tick, Clock::time_point now);

  std::chrono::milliseconds tick() const { return tick_; }

  // Sets or moves the deadline to `after` from the last advance().
  void arm(Timer& timer, std::chrono::milliseconds after);

  // Lets every deadline up to `now` expire.
  void advance(Clock::time_point now);

 private:
  using Slot = boost::intrusive::list<Timer, boost::intrusive::constant_time_size<false>>;

  std::chrono::milliseconds tick_;
  Clock::time_point start_;
  std::uint64_t now_ = 0;    // ticks since start_
  std::vector<Slot> slots_;  // a timer is in slot due_ % size, so one far ahead is passed over a few times
};

}  // namespace izpo
