#pragma once

#include <string>
#include <string_view>

namespace izpo::api {

// What a gzip file (RFC 1952) of one member holds. Precondition: it is a good one, made by our own build;
// throws std::runtime_error otherwise.
std::string gunzip(std::string_view gzipped);

}  // namespace izpo::api
