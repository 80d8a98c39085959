#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/statement.hpp"
#include "adapters/sql/value.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo::sql {

// What a statement met in the database. A store turns these into its port's reasons; they never leave the
// adapter.
inline constexpr Reason kUniqueViolation{ErrorCode::kConflict, "unique_violation"};
inline constexpr Reason kForeignKeyViolation{ErrorCode::kConflict, "foreign_key_violation"};

// A statement with what it is asked.
struct Query {
  const Statement& statement;
  Params params;
};

// A connection inside one transaction. Used by one coroutine at a time.
class Session {
 public:
  virtual ~Session() = default;

  // Fails with kUniqueViolation, kForeignKeyViolation (the transaction is lost then: leave it),
  // kStorageUnavailable or kStorageFull. `statement` is a constant; what `params` views lives until the
  // answer.
  virtual Task<Result<Rows>> query(const Statement& statement, Params params) = 0;

  // Several that do not need each other's answers, in one journey to the database where it is far away: the
  // rows of each, in order. Fails with the first that fails.
  virtual Task<Result<std::vector<Rows>>> query_all(std::span<const Query> queries);

  // Several statements without parameters, in the driver's own dialect.
  virtual Task<Result<void>> script(std::string_view text) = 0;
};

// A database. Safe to call from any loop; the caller goes on where it was. `body` is called as
// `Task<Result<T>> body(Session&)`; it runs where the driver wants, and awaits nothing but its session. It
// may run more than once, each time in a transaction of its own of which nothing is left, but for the last:
// so it moves nothing out of what it captured. Besides what the body returns, both fail with
// kStorageUnavailable, kStorageFull, kOverloaded (too many are waiting) and kShuttingDown.
class Database {
 public:
  using Body = std::move_only_function<Task<Result<void>>(Session&)>;

  virtual ~Database() = default;

  // All that the body reads is of one moment.
  template <class F>
  auto read(F body) {
    return run<F>(&Database::run_read, std::move(body));
  }

  // One transaction, alone among the writers of the rows it changes. It is durable when this returns a value.
  // Nothing of it happened when the body returns an error or throws.
  template <class F>
  auto write(F body) {
    return run<F>(&Database::run_write, std::move(body));
  }

  virtual Task<Result<void>> run_read(Body body) = 0;
  virtual Task<Result<void>> run_write(Body body) = 0;

 private:
  template <class F>
  using Answer = typename std::invoke_result_t<F&, Session&>::value_type;

  template <class F>
  Task<Answer<F>> run(Task<Result<void>> (Database::*how)(Body), F body) {
    std::optional<Answer<F>> answer;
    // This frame outlives the lambda. NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
    auto done = co_await (this->*how)([&answer, &body](Session& session) -> Task<Result<void>> {
      answer.emplace(co_await body(session));
      if (!*answer) co_return fail(answer->error());
      co_return Result<void>();
    });
    if (!done) co_return fail(std::move(done).error());
    co_return *std::move(answer);
  }
};

}  // namespace izpo::sql
