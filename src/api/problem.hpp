#pragma once

#include <string_view>

#include "api/http_types.hpp"
#include "api/language.hpp"
#include "base/error.hpp"
#include "realtime/socket.hpp"

// How an error is told to a client. docs/errors.md shows the result.
namespace izpo::api {

int status_of(const Reason& reason);

// For the error that ends a WebSocket. Errors that leave it open never get here.
realtime::CloseCode close_code(const Reason& reason);

// The complete answer: {"detail", "code", "request_id"}, for 422 with `detail` as FastAPI's array, and the
// header fields that belong to the status (RFC 9110 §11.6.1, §10.2.3).
Response problem(const Error& error, Language language, std::string_view request_id);

}  // namespace izpo::api
