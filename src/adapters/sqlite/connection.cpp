#include "adapters/sqlite/connection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "adapters/sql/database.hpp"
#include "domain/reasons.hpp"

namespace izpo::sqlite {
namespace {

Error error_of(sqlite3* handle, int code) {
  const int system_error = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  std::string detail = fmt::format("SQLite error {}: {}", code,
                                   handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY: return {sql::kUniqueViolation, std::move(detail)};
    case SQLITE_CONSTRAINT_FOREIGNKEY: return {sql::kForeignKeyViolation, std::move(detail)};
    default: break;
  }
  const bool full = (code & 0xff) == SQLITE_FULL ||
                    ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT));
  return {full ? reason::kStorageFull : reason::kStorageUnavailable, std::move(detail)};
}

// `$1` is a name to SQLite, numbered by appearance; `?1` is parameter 1.
std::string dialect_text(const sql::Statement& statement) {
  std::string text = statement.text(sql::Dialect::kSqlite, [](int parameter) {
    return fmt::format("IN (SELECT value FROM json_each(${}))", parameter);
  });
  std::ranges::replace(text, '$', '?');
  return text;
}

// Takes a lock on every allocation unless it is off.
void turn_off_memory_statistics() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

constexpr sql::Statement kBeginRead("BEGIN DEFERRED");
constexpr sql::Statement kBeginWrite("BEGIN IMMEDIATE");
constexpr sql::Statement kCommit("COMMIT");

}  // namespace

void Prepared::bind(int parameter, const sql::Value& value) {
  sqlite3_stmt* statement = statement_.get();
  const auto bind_text = [=](std::string_view text, sqlite3_destructor_type lifetime) {
    // A null pointer would bind NULL, and an empty view may have one.
    return sqlite3_bind_text64(statement, parameter, text.empty() ? "" : text.data(), text.size(), lifetime,
                               SQLITE_UTF8);
  };
  const auto bind_integer = [=](std::int64_t number) {
    return sqlite3_bind_int64(statement, parameter, number);
  };
  std::visit(
      Overloaded{
          [=](std::monostate) { return sqlite3_bind_null(statement, parameter); },
          [=](bool flag) { return bind_integer(flag ? 1 : 0); },
          [=](std::int64_t number) { return bind_integer(number); },
          [=](Timestamp time) { return bind_integer(to_micros(time)); },
          [=](std::string_view text) { return bind_text(text, SQLITE_STATIC); },
          [=](sql::Bytes bytes) {
            return sqlite3_bind_blob64(statement, parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
          },
          [=](sql::Ids ids) { return bind_text(fmt::format("[{}]", fmt::join(ids, ",")), SQLITE_TRANSIENT); },
      },
      value);
}

void Prepared::bind_all(std::span<const sql::Value> values) {
  int parameter = 0;
  for (const sql::Value& value : values) bind(++parameter, value);
}

Result<bool> Prepared::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(error_of(sqlite3_db_handle(statement_.get()), code));
}

std::string_view Prepared::text(int column) const {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Prepared::append_to(sql::Rows& rows) const {
  for (int column = 0; column < columns(); ++column) {
    switch (sqlite3_column_type(statement_.get(), column)) {
      case SQLITE_NULL: rows.add_null(); break;
      case SQLITE_INTEGER: rows.add_integer(integer(column)); break;
      default: rows.add_text(text(column)); break;
    }
  }
}

Result<Connection> Connection::open(const std::filesystem::path& file, Access access) {
  turn_off_memory_statistics();
  sqlite3* handle = nullptr;
  const int create = access == Access::kWrite ? SQLITE_OPEN_CREATE : 0;
  const int code =
      sqlite3_open_v2(file.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | create, nullptr);
  Connection connection(handle, access);
  if (code != SQLITE_OK) {
    Error error = error_of(handle, code);
    error.log_detail = fmt::format("cannot open {}: {}", file.string(), error.log_detail);
    return fail(std::move(error));
  }
  if (auto configured = connection.configure(); !configured) {
    Error error = std::move(configured).error();
    error.log_detail = fmt::format("cannot use {}: {}", file.string(), error.log_detail);
    return fail(std::move(error));
  }
  return connection;
}

Result<void> Connection::configure() {
  sqlite3_busy_timeout(handle_.get(), 5000);
  // synchronous=FULL is what makes a commit durable in WAL mode; NORMAL would lose the last ones in a power
  // cut. The caches are small because the kernel's does the work: an idle server stays small.
  // The log is copied into the database after 4000 pages (16 MiB) and not after SQLite's 1000: many of its
  // pages are the same few, which are then copied once. Batches of 512 gain a fifth to a half by it, and the
  // longest stall grows from about 30 to 45 ms. (Copying on a thread of its own stalled longer: both wait for
  // one disk.)
  if (access_ == Access::kRead) return script("PRAGMA query_only = ON; PRAGMA cache_size = -2048");
  return script(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
      "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; "
      "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864");
}

Result<Prepared*> Connection::prepared(const sql::Statement& statement) {
  if (const auto found = prepared_.find(&statement); found != prepared_.end()) return &found->second;
  const std::string text = dialect_text(statement);
  sqlite3_stmt* native = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &native, nullptr);
  if (code != SQLITE_OK) return fail(error_of(handle_.get(), code));
  return &prepared_.try_emplace(&statement, native).first->second;
}

Result<sql::Rows> Connection::query(const sql::Statement& statement, std::span<const sql::Value> params) {
  IZPO_TRY(Prepared* const prepared, this->prepared(statement));
  prepared->bind_all(params);
  sql::Rows rows(static_cast<std::size_t>(prepared->columns()));
  auto more = prepared->step();
  for (; more && *more; more = prepared->step()) prepared->append_to(rows);
  prepared->reset();
  if (!more) return fail(std::move(more).error());
  return rows;
}

Result<void> Connection::script(std::string_view text) {
  const int code = sqlite3_exec(handle_.get(), std::string(text).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error_of(handle_.get(), code));
  return {};
}

Result<void> Connection::begin() {
  IZPO_CHECK(query(access_ == Access::kRead ? kBeginRead : kBeginWrite, {}));
  return {};
}

Result<void> Connection::commit() {
  IZPO_CHECK(query(kCommit, {}));
  return {};
}

void Connection::roll_back() {
  // Some errors (a full disk) have rolled back already.
  if (sqlite3_get_autocommit(handle_.get()) == 0) {
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace izpo::sqlite
