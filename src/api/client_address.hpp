#pragma once

#include <string>

#include "api/http_types.hpp"

namespace izpo::api {

// The address that a request's sender answers for: the connection's, or, when that is a proxy on this machine
// (loopback), the one that the proxy wrote last into X-Forwarded-For. What stands before it came with the
// request and is anybody's word.
std::string client_address(const Request& request);

}  // namespace izpo::api
