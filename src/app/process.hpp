#pragma once

#include <cstddef>

// What the program asks of its process, once and before other threads are made.
namespace izpo::app {

// What the program makes is for its own user only: the database, its log, the lock.
void keep_files_private();

// A write to a connection that is gone is an error there, not the end of the process.
void ignore_broken_pipes();

// So is a file that would grow over the limit of its process (RLIMIT_FSIZE).
void ignore_size_limits();

// Raises the limit of open file descriptors as far as it goes and returns it.
std::size_t raise_descriptor_limit();

}  // namespace izpo::app
