#pragma once

#include <string>
#include <string_view>

#include "adapters/gcs/http_client.hpp"
#include "base/error.hpp"

// What Google's answers mean. An error that may pass by itself has a retry_after, one that an operator has to
// look at has none.
namespace izpo::gcs {

// 408, 429 and 5xx: the same request may be answered another time.
bool may_pass(long status);

// What the answer says of itself, in one line, without what may be secret: "403 (no access)".
std::string said(const HttpAnswer& answer);

// A refused request as an error: kStorageFull when a quota is used up, kFileNotFound for 404, otherwise
// kStorageUnavailable. `what` begins the detail: "cannot store a file".
Error refusal(std::string_view what, const HttpAnswer& answer);

}  // namespace izpo::gcs
