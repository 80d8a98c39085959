#include "api/problem.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "api/schema_encode.hpp"
#include "api/texts.hpp"
#include "domain/reasons.hpp"

namespace izpo::api {

namespace {

using realtime::CloseCode;

struct Outcome {
  int status;
  CloseCode close;
};

// The one place where a code of the program becomes one of a protocol. A few reasons have a status or close
// code of their own, more exact than that of their code.
Outcome outcome_of(const Reason& reason) {
  switch (reason.code) {
    case ErrorCode::kRejected:
      return {reason == reason::kRangeNotSatisfiable ? 416 : 400, CloseCode::kPolicy};
    case ErrorCode::kInvalid: return {422, CloseCode::kPolicy};
    case ErrorCode::kUnauthenticated: return {401, CloseCode::kPolicy};
    case ErrorCode::kForbidden: return {403, CloseCode::kPolicy};
    case ErrorCode::kNotFound:
      return {404, reason == reason::kRoomGone ? CloseCode::kRoomGone : CloseCode::kPolicy};
    case ErrorCode::kMethodNotAllowed: return {405, CloseCode::kPolicy};
    case ErrorCode::kConflict: return {409, CloseCode::kPolicy};
    case ErrorCode::kTooLarge: return {reason == reason::kHeadersTooLarge ? 431 : 413, CloseCode::kTooBig};
    case ErrorCode::kUnsupported: return {reason == reason::kUpgradeRequired ? 426 : 415, CloseCode::kPolicy};
    case ErrorCode::kRateLimited: return {429, CloseCode::kTooMany};
    case ErrorCode::kTimeout: return {408, CloseCode::kHeartbeat};
    case ErrorCode::kUnavailable:
      if (reason == reason::kSlowConsumer) return {503, CloseCode::kTooSlow};
      return {503, reason == reason::kShuttingDown ? CloseCode::kRestart : CloseCode::kOverload};
    case ErrorCode::kStorageFull: return {507, CloseCode::kOverload};
    case ErrorCode::kInternal: return {500, CloseCode::kInternal};
  }
  std::unreachable();
}

// Details that old clients compare; a translated `message` stands beside them.
std::string_view fixed_detail(const Reason& reason) {
  if (reason == reason::kEmailTaken) return "Email already registered";
  if (reason == reason::kUsernameTaken) return "Username already taken";
  return {};
}

// FastAPI has list positions and offsets as numbers, names as strings.
void append_place(std::string& out, const std::string& step) {
  const bool number = !step.empty() && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
  if (number) {
    out += step;
  } else {
    schema::encode(step, out);
  }
}

void append_fault(std::string& out, const FieldError& fault, Language language) {
  out += R"({"loc":[)";
  for (bool first = true; const auto& step : fault.loc) {
    if (!std::exchange(first, false)) out += ',';
    append_place(out, step);
  }
  out += R"(],"msg":)";
  schema::encode(sentence(fault, language), out);
  out += R"(,"type":)";
  schema::encode(fault.type, out);
  out += '}';
}

// A broken rule without a field of its own is one of the body as a whole.
void append_faults(std::string& out, const Error& error, Language language) {
  out += '[';
  for (bool first = true; const auto& fault : error.fields) {
    if (!std::exchange(first, false)) out += ',';
    append_fault(out, fault, language);
  }
  if (error.fields.empty()) {
    out += R"({"loc":["body"],"msg":)";
    schema::encode(sentence(error.reason, language), out);
    out += R"(,"type":"value_error"})";
  }
  out += ']';
}

std::string body_of(const Error& error, Language language, std::string_view request_id) {
  const std::string text = sentence(error, language);
  const std::string_view fixed = fixed_detail(error.reason);
  std::string body = R"({"detail":)";
  if (error.reason.code == ErrorCode::kInvalid) {
    append_faults(body, error, language);
  } else {
    schema::encode(fixed.empty() ? std::string_view(text) : fixed, body);
  }
  if (!fixed.empty()) {
    body += R"(,"message":)";
    schema::encode(text, body);
  }
  body += R"(,"code":)";
  schema::encode(error.reason.name, body);
  body += R"(,"request_id":)";
  schema::encode(request_id, body);
  for (const auto& [name, value] : error.details) {
    body += ',';
    schema::encode(name, body);
    body += ':';
    std::visit([&body](const auto& shown) { schema::encode(shown, body); }, value);
  }
  body += '}';
  return body;
}

// When the error does not know better.
constexpr std::chrono::seconds kRetryAfter{1};

}  // namespace

int status_of(const Reason& reason) {
  return outcome_of(reason).status;
}

realtime::CloseCode close_code(const Reason& reason) {
  return outcome_of(reason).close;
}

Response problem(const Error& error, Language language, std::string_view request_id) {
  Response response;
  response.status = status_of(error.reason);
  response.body = body_of(error, language, request_id);
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Content-Language", std::string(language_tag(language)));
  response.headers.add("Vary", "Accept-Language");
  if (response.status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if (response.status == 426) {
    response.headers.add("Upgrade", "websocket");
    response.headers.add("Sec-WebSocket-Version", "13");  // RFC 6455 section 4.4
  }
  if (response.status == 429 || response.status == 503) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(error.retry_after);
    response.headers.add("Retry-After", std::to_string(std::max(wait, kRetryAfter).count()));
  }
  return response;
}

}  // namespace izpo::api
