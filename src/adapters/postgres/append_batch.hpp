#pragma once

#include <chrono>
#include <expected>
#include <span>
#include <vector>

#include "adapters/postgres/connection.hpp"
#include "ports/message_store.hpp"

namespace izpo::postgres {

// What is done about a room whose row another transaction holds.
enum class Locked : std::uint8_t {
  kWait,  // until lock_timeout, which fails the batch
  kPass,  // its messages fail with kStorageUnavailable, those of other rooms are stored
};

// Stores one batch in one transaction: all of it in one journey, commit included (Locked::kPass: in two). Its
// rooms are locked in the order of their ids, so that two batches never wait for each other; only then is
// read what the rooms' numbers and members are.
class AppendBatch {
 public:
  AppendBatch(Connection& connection, std::chrono::milliseconds patience, Timestamp now)
      : connection_(connection), patience_(patience), now_(now) {}

  // An outcome for each message, in order. Fate::kDisconnected: nobody knows whether the batch is stored.
  // `run_before`: it was run before and nobody knows; what is found with this batch's time is then no repeat.
  Task<std::expected<std::vector<AppendOutcome>, Failure>> run(std::span<const PendingMessage> batch,
                                                               Locked locked, bool run_before);

 private:
  using Part = std::span<const PendingMessage>;

  // The runs of messages none of which repeats another: each is one statement, which does not see itself.
  static std::vector<Part> without_repeats(std::span<const PendingMessage> batch);
  void add_lock(std::span<const PendingMessage> batch, Locked locked);
  void add_part(Part part);
  std::unexpected<Failure> undo(Failure failure);
  AppendOutcome outcome(sql::Row row, const PendingMessage& message, bool run_before) const;

  Connection& connection_;
  const std::chrono::milliseconds patience_;
  const Timestamp now_;
};

}  // namespace izpo::postgres
