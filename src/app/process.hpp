#pragma once

#include <cstddef>

// What a server asks of its process, once and before other threads are made.
namespace izpo::app {

// A write to a connection that is gone is an error there, not the end of the process.
void ignore_broken_pipes();

// Raises the limit of open file descriptors as far as it goes and returns it.
std::size_t raise_descriptor_limit();

// Keeps what an idle server holds small: few malloc arenas, free memory given back.
void keep_memory_small();

}  // namespace izpo::app
