#pragma once

#include <string>
#include <string_view>

#include "api/http_types.hpp"
#include "base/result.hpp"

namespace izpo::api {

// The answer to `GET /static/<path>` from the files below `directory`, or 304 when the client's copy is good.
// Fails with kPathNotFound for what is no regular file, has a segment that starts with a dot, lies outside by
// a symbolic link, or is larger than kMaxStaticFile. Blocks on the disk, so not on a loop.
Result<Response> static_file(const std::string& directory, std::string_view path, const Headers& request);

// Bytes. A file is held in memory while it is sent.
inline constexpr std::int64_t kMaxStaticFile = std::int64_t{32} << 20;

}  // namespace izpo::api
