#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/statement.hpp"
#include "adapters/sql/value.hpp"
#include "base/result.hpp"

namespace izpo::sqlite {

enum class Access : std::uint8_t { kRead, kWrite };

// A prepared statement with its cursor. Owned by its Connection.
class Prepared {
 public:
  explicit Prepared(sqlite3_stmt* statement) : statement_(statement) {}

  // Text and bytes are not copied: they live until reset.
  void bind(int parameter, const sql::Value& value);
  void bind_all(std::span<const sql::Value> values);

  // Goes to the next row; false when there is none left. Fails as sql::Session::query; reset afterwards.
  Result<bool> step();
  void reset() { sqlite3_reset(statement_.get()); }

  // Of the row that step went to.
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  std::string_view text(int column) const;  // valid until the next step or reset
  void append_to(sql::Rows& rows) const;
  int columns() const { return sqlite3_column_count(statement_.get()); }

  sqlite3_stmt* native() const { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// One connection to the database file, with what it prepared. Used by one thread at a time. Errors are
// sql::kUniqueViolation, sql::kForeignKeyViolation, kStorageFull and kStorageUnavailable, with SQLite's own
// words as detail.
class Connection {
 public:
  // The file is made when `access` is kWrite and there is none. WAL, synchronous=FULL and foreign keys are
  // on; a lock of another process is waited for up to five seconds.
  static Result<Connection> open(const std::filesystem::path& file, Access access);

  Result<sql::Rows> query(const sql::Statement& statement, std::span<const sql::Value> params);
  Result<void> script(std::string_view text);

  // Valid as long as the connection; prepared at the first call.
  Result<Prepared*> prepared(const sql::Statement& statement);

  // A reader's transaction sees one moment; a writer's keeps other writers out from its beginning.
  Result<void> begin();
  Result<void> commit();
  void roll_back();  // no error: whatever remained open is undone by SQLite when the connection closes

  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  std::int64_t changed_rows() const { return sqlite3_changes64(handle_.get()); }
  sqlite3* native() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  Connection(sqlite3* handle, Access access) : handle_(handle), access_(access) {}
  Result<void> configure();

  std::unique_ptr<sqlite3, Close> handle_;
  Access access_;
  std::unordered_map<const sql::Statement*, Prepared> prepared_;  // destroyed before handle_
};

// Undoes what was not committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection) {
    IZPO_CHECK(connection.begin());
    return Transaction(connection);
  }
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (connection_ != nullptr) connection_->roll_back();
  }

  Result<void> commit() {
    IZPO_CHECK(connection_->commit());
    connection_ = nullptr;
    return {};
  }

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace izpo::sqlite
