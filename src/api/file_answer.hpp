#pragma once

#include <string>

#include "api/route.hpp"
#include "domain/file.hpp"

namespace izpo::api {

// The bytes of a file, or the range of them that the request asks for, with the header fields that make them
// safe and cacheable: what a browser may show in place is shown, all else is only ever saved. 304 when the
// client's copy is good, 307 when the store itself gives them. Fails with kFileNotFound, kRangeNotSatisfiable
// and as the store.
Task<Result<Response>> file_answer(Call& call, File file, std::string cache_control);

// A smaller picture of the file, whole. 304 when the client's copy is good. Fails as Thumbnails::get.
Task<Result<Response>> thumbnail_answer(Call& call, const File& file, int side, std::string cache_control);

// RFC 6266 with RFC 8187: the name in ASCII for old clients, and as it is.
std::string content_disposition(std::string_view kind, std::string_view filename);

}  // namespace izpo::api
