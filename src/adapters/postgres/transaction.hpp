#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "adapters/postgres/connection.hpp"
#include "adapters/sql/database.hpp"

namespace izpo::postgres {

// How PostgreSQL may find rows. A plan is kept until the table's statistics change: one that was made while a
// table was small would go through all of it until somebody looks again, thousands of messages later.
enum class Plans : std::uint8_t {
  kAny,
  kByIndex,  // for a few rows of large tables: no scans, and joins only by an index
};

// What a transaction begins with. It is sent with its first statement and costs no round trip.
struct Beginning {
  const sql::Statement& begin;
  std::chrono::milliseconds statement_timeout;
  std::chrono::milliseconds lock_timeout;
  Plans plans = Plans::kAny;
};

// Adds it: BEGIN, and the time limits, which end with the transaction.
void add_beginning(Connection& connection, const Beginning& beginning);

extern const sql::Statement kBeginRead;  // all of it sees one moment
extern const sql::Statement kBeginWrite;
extern const sql::Statement kCommit;
extern const sql::Statement kRollBack;

// One transaction, begun by its first statement.
class Transaction final : public sql::Session {
 public:
  Transaction(Connection& connection, const Beginning& beginning)
      : connection_(connection), beginning_(beginning) {}

  Task<Result<sql::Rows>> query(const sql::Statement& statement, sql::Params params) override;
  Task<Result<std::vector<sql::Rows>>> query_all(std::span<const sql::Query> queries) override;
  Task<Result<void>> script(std::string_view text) override;

  // Durable when this returns a value.
  Task<Result<void>> commit();

  // Ends what has changed nothing, or is to change nothing. Does not wait.
  void end_reading();
  void roll_back();

  // After a failure: whether it surely has had no effect and may go through when it is run again.
  bool may_run_again() const { return may_run_again_; }

 private:
  Connection::Clock::time_point deadline() const;
  Error note(Failure failure);

  Connection& connection_;
  const Beginning beginning_;
  bool begun_ = false;
  bool committing_ = false;
  bool may_run_again_ = false;
};

}  // namespace izpo::postgres
