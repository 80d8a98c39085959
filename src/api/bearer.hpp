#pragma once

#include <string_view>

namespace izpo::api {

// The token of a Bearer Authorization (RFC 6750 §2.1); another scheme gives an empty one, which is no token
// of ours.
std::string_view bearer_token(std::string_view authorization);

}  // namespace izpo::api
