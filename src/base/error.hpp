#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace izpo {

// What went wrong, in terms that belong to no protocol. api/problem turns each into an HTTP status and a
// WebSocket close code in one exhaustive switch.
enum class ErrorCode : std::uint8_t {
  kRejected,          // well-formed, but a rule says no (the name is taken, the owner cannot leave)
  kInvalid,           // a value breaks its constraints; Error::fields says which
  kUnauthenticated,   // nobody, or a login that has ended
  kForbidden,         // somebody, who may see this but not do it
  kNotFound,          // not there, or not to be seen
  kMethodNotAllowed,  // the resource is there, the method is not
  kConflict,          // collides with what is stored
  kTooLarge,          // over a size limit
  kUnsupported,       // a form this server does not take
  kRateLimited,       // too many, come back later (Error::retry_after)
  kTimeout,           // took too long
  kUnavailable,       // a part this needs is down or full; the same call may work later
  kStorageFull,       // no space left
  kInternal,          // a bug
};

// One stable, documented reason. `name` is the "code" that clients compare: it never changes with the
// language.
struct Reason {
  ErrorCode code;
  std::string_view name;

  friend constexpr bool operator==(const Reason&, const Reason&) = default;
};

// One failed constraint, in the shape of pydantic v2: where, which rule, and the numbers the sentence needs.
struct FieldError {
  std::vector<std::string> loc;  // "body", "email"; list positions as decimal text
  std::string type;              // "string_too_short", "missing", ...
  std::string argument;          // the rule's bound ("8"), or empty
};

// A number or a name that a client is told beside the sentence; the sentence may have it at "{name}" too.
struct ErrorDetail {
  std::string_view name;  // a literal, in snake_case: a member of the answer
  std::variant<std::int64_t, std::string> value;
};

// The one error of the whole program. A vendor's error is translated into one at the edge of its adapter.
struct Error {
  Reason reason;
  std::string log_detail;          // for the log only; never reaches a client
  std::vector<FieldError> fields;  // kInvalid only
  std::vector<ErrorDetail> details;
  std::chrono::milliseconds retry_after{};  // kRateLimited and kUnavailable only; 0: unknown

  Error(Reason why)
      : reason(why) {}  // NOLINT(google-explicit-constructor): `return std::unexpected<Error>(reason::kX)`
  Error(Reason why, std::string detail) : reason(why), log_detail(std::move(detail)) {}
};

}  // namespace izpo
