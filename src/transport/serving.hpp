#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "api/http_types.hpp"
#include "ports/clock.hpp"
#include "transport/options.hpp"

namespace izpo::transport {

// What every connection of a server shares.
struct Serving {
  api::Application& application;
  const Clock& clock;
  const Limits limits;
  const Timeouts timeouts;
  const bool compression;
  std::atomic<bool> draining = false;  // no connection has a further request
};

// One connection in the counts of its server and its loop.
class Place {
 public:
  Place(std::atomic<std::size_t>& all, std::atomic<std::size_t>& of_loop) : all_(&all), of_loop_(&of_loop) {
    ++*all_;
    ++*of_loop_;
  }
  Place(Place&& other) noexcept : all_(std::exchange(other.all_, nullptr)), of_loop_(other.of_loop_) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (all_ == nullptr) return;
    --*all_;
    --*of_loop_;
  }

 private:
  std::atomic<std::size_t>* all_;
  std::atomic<std::size_t>* of_loop_;
};

}  // namespace izpo::transport
