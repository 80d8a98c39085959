#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"

// A program that works on hostile input: fed by a file, read through a pipe, and held within limits.
namespace izpo::vips {

struct ChildLimits {
  std::size_t memory = std::size_t{1} << 30;  // bytes of address space
  std::chrono::seconds processor{10};
  std::chrono::seconds wall{20};
  std::size_t output = std::size_t{4} << 20;  // bytes; one that writes more is killed
};

// Runs `arguments` (the first is the program's absolute path) with `input` as its standard input, and gives
// what it wrote. It has a clean environment, no descriptors but three, no way to a socket, the lowest
// priority, and ends with this process at the latest. Blocks until it has ended. When `stop` (an eventfd)
// becomes readable, it is killed.
//
// Fails with kNoThumbnail (it failed, crashed, or went over a limit: the detail says which), kShuttingDown,
// and kInternal when it could not be started.
Result<std::string> run_child(const std::vector<std::string>& arguments, int input, int stop,
                              const ChildLimits& limits);

}  // namespace izpo::vips
