#pragma once

#include <atomic>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/postgres/connector.hpp"
#include "adapters/postgres/encoding.hpp"
#include "adapters/postgres/errors.hpp"
#include "adapters/sql/statement.hpp"
#include "base/task.hpp"

namespace izpo::postgres {

struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
using Canceller = std::unique_ptr<PGcancel, FreeCancel>;

// One connection, in pipeline mode: what is added is sent together and answered together. Lives on one loop,
// and is used by one coroutine at a time.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using Answers = std::vector<sql::Rows>;

  // `prepares`: statements are kept prepared under names. A pooler in transaction mode does not allow it:
  // when that shows, this becomes false, for connections made later.
  Connection(Handle handle, const Executor& loop, std::atomic<bool>& prepares);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Puts a statement into what is sent next. What the arguments view must live until then.
  void add(const sql::Statement& statement, Arguments arguments = {});

  // Sends what was added and waits for all of it, until `deadline`: the rows of each, in order. After the
  // first that fails PostgreSQL passes over the others, and its failure is the answer.
  Task<std::expected<Answers, Failure>> exchange(Clock::time_point deadline);

  // Sends what was added and does not wait: for the end of a transaction whose answer says nothing. The next
  // exchange passes over it.
  void send_only();

  // Statements without parameters, separated by semicolons. Takes as long as it takes.
  Task<std::expected<void, Failure>> script(std::string_view text);

  // `COPY … FROM STDIN`, with the bytes that `next` gives, until it gives none. What it gives must stay until
  // it is asked again. Returns the number of rows. When `next` fails, so does this, with the same error.
  using Pieces = std::function<Result<std::string_view>()>;
  Task<std::expected<std::int64_t, Failure>> copy_in(std::string_view text, Pieces next);

  // `COPY … TO STDOUT`: gives the bytes to `take`, piece by piece. Returns the number of rows.
  using Taker = std::function<void(std::string_view)>;
  Task<std::expected<std::int64_t, Failure>> copy_out(std::string_view text, Taker take);

  // With it, another thread ends what PostgreSQL does on this connection now (PQcancel).
  Canceller canceller() const { return Canceller(PQgetCancel(handle_.get())); }

  // Between two transactions: false when the server has hung up. Does not wait.
  bool is_alive();

  // What is waited for now has come too late: the wait ends, and the connection with it.
  void expire();
  Clock::time_point deadline() const { return deadline_; }

  bool is_lost() const { return lost_; }

 private:
  enum class Item : std::uint8_t { kPrepared, kAnswer, kSync };
  struct Key {
    const sql::Statement* statement = nullptr;
    std::uint64_t signature = 0;  // of the parameters' types: a NULL has none, so one statement may be two
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<const void*>{}(key.statement) ^ (key.signature * 0x9E3779B97F4A7C15U);
    }
  };
  struct Expected {
    Item item = Item::kSync;
    bool wanted = true;
    Key key = {};  // kPrepared
  };

  void expect_sync();
  Task<std::expected<void, Failure>> begin_plain(std::string_view text);
  Task<std::expected<void, Failure>> begin_copy(std::string_view text, ExecStatusType wanted);
  Task<std::expected<std::int64_t, Failure>> end_plain(std::optional<Failure> failure);
  Task<bool> flush();
  Task<bool> wait_until_readable();
  Task<bool> wait_for_answer();
  std::optional<Failure> take(const PGresult& result, Answers& answers);
  Failure lost();

  Handle handle_;
  boost::asio::posix::basic_stream_descriptor<Executor> socket_;
  std::atomic<bool>& may_prepare_;
  const bool prepares_;
  bool lost_ = false;
  bool late_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::deque<Expected> expected_;  // what PostgreSQL has still to say, in order
  std::unordered_map<Key, std::string, KeyHash> prepared_;
  std::uint64_t names_ = 0;
};

}  // namespace izpo::postgres
