#include "transport/loop.hpp"

#include <array>
#include <ctime>
#include <exception>
#include <random>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "transport/send_ring.hpp"

namespace izpo::transport {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kScratchBytes = 64UZ * 1024;

std::uint64_t seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

}  // namespace

Loop::Loop(std::chrono::milliseconds tick, std::unique_ptr<SendRing> ring)
    : ticker_(context_.get_executor()),
      wheel_(tick, TimerWheel::Clock::now()),
      ring_(std::move(ring)),
      scratch_(kScratchBytes),
      random_state_(seed()) {}

Loop::~Loop() = default;

void Loop::run() {
  if (ring_) {
    if (const auto error = ring_->start()) drop_ring(error);
  }
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& error) {
      spdlog::critical("bug: exception on a loop: {}", error.what());
    }
  }
}

void Loop::drop_ring(std::error_code error) {
  spdlog::warn("io_uring failed, each socket is written to by itself from now on: {}", error.message());
  ring_.reset();
}

void Loop::stop() {
  context_.stop();
}

void Loop::add(Connection& connection) {
  connections_.push_back(connection);
  if (ticking_) return;
  ticking_ = true;
  wheel_.advance(TimerWheel::Clock::now());
  tick();
}

void Loop::tick() {
  ticker_.expires_after(wheel_.tick());
  ticker_.async_wait([this](const boost::system::error_code&) {
    wheel_.advance(TimerWheel::Clock::now());
    ticking_ = !connections_.empty();
    if (ticking_) tick();
  });
}

void Loop::flush_later(Flushable& socket) {
  if (socket.is_linked()) return;
  dirty_.push_back(socket);
  if (flush_posted_) return;
  flush_posted_ = true;
  asio::post(context_, [this] { flush_dirty(); });
}

void Loop::flush_dirty() {
  flush_posted_ = false;
  // Bounded by what is there now: a flush may make another socket dirty, which then waits for the next tick.
  FlushList batch;
  batch.swap(dirty_);
  if (ring_) {
    if (const auto error = ring_->write(batch)) drop_ring(error);
  }
  while (!batch.empty()) {
    Flushable& socket = batch.front();
    batch.pop_front();
    socket.flush();
  }
}

// splitmix64 (Steele, Lea, Flood 2014)
std::uint64_t Loop::random() {
  std::uint64_t z = (random_state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::string_view Loop::http_date(Timestamp now) {
  const std::time_t seconds = to_micros(now) / 1'000'000;
  if (seconds != date_second_) {
    date_second_ = seconds;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    // strftime would take the day's and the month's name from the locale.
    static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    fmt::format_to_n(date_.data(), date_.size(), "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
  }
  return {date_.data(), 29};
}

}  // namespace izpo::transport
