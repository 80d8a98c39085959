#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <future>
#include <mutex>
#include <string_view>
#include <vector>

#include "adapters/postgres/database.hpp"
#include "adapters/sql/tables.hpp"
#include "base/time.hpp"

namespace izpo::postgres {

// Who is told how far a copy is, "messages: 120 of 400 copied", and may stop it. Asked on several threads,
// never at once.
class CopyWatcher {
 public:
  virtual ~CopyWatcher() = default;
  virtual bool is_due() = 0;  // whether it wants to be told now
  virtual void show(std::string_view how_far) = 0;
  virtual bool is_stopped() = 0;
};

// Brings everything that a reader has into an empty database, in one transaction, alone among all that
// migrate: makes the tables, fills them, reads each of them back and compares all of its bytes, and then
// commits. What has not come to its end has changed nothing.
//
// Every method blocks, and fails with kStorageUnavailable, kStorageFull and, when the watcher stopped it,
// kShuttingDown; the detail is a line for the operator, which names no password.
class CopyInto {
 public:
  struct Count {
    const sql::Table* table;
    std::int64_t rows;
  };
  using Counts = std::vector<Count>;  // of all tables

  // `options`: as at a start, without loops. The reader and the watcher outlive it.
  CopyInto(DatabaseOptions options, sql::TableReader& from, CopyWatcher& watcher);

  // Whether it can be done. True: there is nothing to do, because the database has exactly these rows. Fails
  // when it has others, or tables that are not ours, or a server runs on it.
  Result<bool> look(Timestamp now);

  // Does it, after the same look. A failure of which the detail says so came while PostgreSQL committed:
  // look() then tells what became of it.
  Result<Counts> copy(Timestamp now);

 private:
  enum class Until : std::uint8_t { kLooked, kDone };
  struct Outcome {
    bool was_there = false;
    Counts counts;
  };

  Result<Outcome> run(Until until, Timestamp now);
  Task<Result<Outcome>> transact(Until until, Timestamp now);
  void set_canceller(Canceller canceller);
  void cancel();

  const bool pooled_;
  sql::TableReader& from_;
  CopyWatcher& watcher_;
  boost::asio::io_context loop_;  // of who waits; outlives the database's thread
  Database database_;

  std::mutex mutex_;
  Canceller canceller_;  // of what runs now
};

}  // namespace izpo::postgres
