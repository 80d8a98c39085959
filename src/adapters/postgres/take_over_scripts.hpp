#pragma once

#include <string_view>

// What take_over tells PostgreSQL without asking anything: the scripts, in the order in which they run.
// Between them, statements count and repair (take_over.cpp).
namespace izpo::postgres {

// Time limits for this transaction, and the lock under which everybody migrates.
extern const std::string_view kBeginTakeOver;

// Nobody else reads or writes the old tables until the end.
extern const std::string_view kLockOldTables;

// Takes off what belongs to the old version (its keys, indexes, defaults, policies) and gives columns our
// types, and their names where one is missing; messages come last. The numbers of the sequences are in
// taken_sequences.
extern const std::string_view kReshape;

// The numbers of the messages, their repairs in the same pass; then their types.
extern const std::string_view kNumberMessages;

// Everything that our own tables promise: NOT NULL, keys, indexes, row-level security, the tables that are
// new.
extern const std::string_view kPromise;

}  // namespace izpo::postgres
