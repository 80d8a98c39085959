#pragma once

#include <string_view>

#include "api/http_types.hpp"

namespace izpo::api {

// Whether the client's copy is still good (RFC 9110 §13.1.2, §13.1.3): If-None-Match names `etag` or is "*";
// without it, If-Modified-Since is `last_modified` (empty: there is none), to the letter, as clients send it
// back.
bool is_unchanged(const Headers& request, std::string_view etag, std::string_view last_modified);

}  // namespace izpo::api
