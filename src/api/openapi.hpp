#pragma once

#include <string>

#include "api/route.hpp"

namespace izpo::api {

// The OpenAPI 3.1 document of the operations, indented, with a newline at the end. The same for the same
// routes, byte for byte: docs/openapi.json is held to it.
std::string openapi_document(const Routes& routes);

}  // namespace izpo::api
