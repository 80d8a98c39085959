#include "adapters/postgres/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/sql/database.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

// The SQLSTATEs are those of appendix A of PostgreSQL's manual.
constexpr std::string_view kUniqueViolation = "23505";
constexpr std::string_view kForeignKeyViolation = "23503";
constexpr std::string_view kSerializationFailure = "40001";
constexpr std::string_view kDeadlock = "40P01";
constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kDiskFull = "53100";
constexpr std::string_view kNoPreparedStatement = "26000";
constexpr std::string_view kDuplicatePreparedStatement = "42P05";
constexpr std::string_view kFeatureNotSupported = "0A000";  // "cached plan must not change result type"
constexpr std::string_view kReadOnlyTransaction = "25006";
constexpr std::string_view kIdleInTransactionTimeout = "25P03";
constexpr std::string_view kNoPrivilege = "42501";
constexpr std::string_view kNoDatabase = "3D000";

Fate fate_of(std::string_view state, std::string_view message) {
  if (state == kSerializationFailure || state == kDeadlock) return Fate::kAgain;
  if (state == kLockNotAvailable) return Fate::kLocked;
  if (state == kNoPreparedStatement || state == kDuplicatePreparedStatement) return Fate::kPooled;
  if (state == kFeatureNotSupported && message.contains("cached plan")) return Fate::kUnprepared;
  // 08: connection exception; 57P: the server is stopped, or the connection ended by an administrator. What
  // can only be read now was a primary before: another connection may find the new one.
  const bool ended = state.empty() || state.starts_with("08") || state.starts_with("57P") ||
                     state == kReadOnlyTransaction || state == kIdleInTransactionTimeout;
  return ended ? Fate::kDisconnected : Fate::kFailed;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const char plain = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    if (plain != ' ' || !line.ends_with(' ')) line += plain;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

// In libpq's verbose words: "FATAL:  28P01: password authentication failed for …".
std::string_view sqlstate_in(std::string_view message) {
  static constexpr std::size_t kLength = 5;
  for (std::size_t at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, kLength);
    const bool fits =
        state.size() == kLength && message.substr(at + 3 + kLength).starts_with(": ") &&
        std::ranges::all_of(state, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    if (fits) return state;
  }
  return {};
}

std::string advice(const Address& address, std::string_view state, std::string_view message) {
  if (state == "28P01") return "the user or the password is wrong; correct it in DATABASE_URL";
  if (state.starts_with("28")) return "PostgreSQL does not let this user in from here; see its pg_hba.conf";
  // The usual database has the user's name.
  const std::string_view database = address.value(address.value("dbname").empty() ? "user" : "dbname");
  if (state == kNoDatabase) {
    return fmt::format("there is no database {}; make it (CREATE DATABASE), or correct DATABASE_URL",
                       database);
  }
  if (state == kNoPrivilege) {
    return fmt::format("the user may not connect to this database; GRANT CONNECT ON DATABASE {} TO {}",
                       database, address.value("user"));
  }
  if (state == "53300")
    return "PostgreSQL has no connection left; raise its max_connections, or use a pooler";
  if (state.starts_with("57P")) return "PostgreSQL is starting or stopping; try again when it runs";
  if (!state.empty()) return "PostgreSQL refuses";
  if (message.contains("translate host name")) return "there is no such host; correct it in DATABASE_URL";
  const bool tls = message.contains("SSL") || message.contains("certificate") || message.contains("sslmode");
  if (tls) return "TLS does not come about; see sslmode and sslrootcert in DATABASE_URL";
  if (message.contains("read-only") || message.contains("read-write")) {
    return "none of the hosts can be written to; name the primary in DATABASE_URL";
  }
  if (message.contains("no password supplied")) return "a password is wanted; write it in DATABASE_URL";
  return "is PostgreSQL running, and may this machine reach it?";
}

}  // namespace

Error unavailable(std::string detail) {
  Error error(reason::kStorageUnavailable, std::move(detail));
  error.retry_after = std::chrono::seconds(1);
  return error;
}

Failure failure_of(const PGresult& result) {
  const char* raw_state = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
  const std::string_view state = raw_state == nullptr ? "" : raw_state;
  const char* primary = PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = one_line(primary == nullptr ? std::string_view(PQresultErrorMessage(&result))
                                                          : std::string_view(primary));
  std::string detail = fmt::format("PostgreSQL{}{}: {}", state.empty() ? "" : " error ", state, message);
  const Fate fate = fate_of(state, message);
  if (state == kUniqueViolation) return {Error(sql::kUniqueViolation, std::move(detail)), fate};
  if (state == kForeignKeyViolation) return {Error(sql::kForeignKeyViolation, std::move(detail)), fate};
  if (state == kDiskFull) return {Error(reason::kStorageFull, std::move(detail)), fate};
  return {unavailable(std::move(detail)), fate};
}

std::string cannot_connect(const Address& address, std::string_view message) {
  return fmt::format("cannot connect to PostgreSQL as {}: {} ({})", address.shown,
                     advice(address, sqlstate_in(message), message), one_line(message));
}

bool is_starting(std::string_view message) {
  return sqlstate_in(message) == "57P03";
}

bool is_final(std::string_view message) {
  const std::string_view state = sqlstate_in(message);
  return state.starts_with("28") || state == kNoDatabase || state == kNoPrivilege;
}

bool is_unsupported_parameter(std::string_view message) {
  return sqlstate_in(message) == "08P01" && message.contains("unsupported startup parameter");
}

}  // namespace izpo::postgres
