#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace izpo {

// What is known of an uploaded file; its bytes are elsewhere.
struct File {
  FileId id;
  std::string original_filename;
  std::string stored_filename;
  std::int64_t size = 0;  // bytes
  std::string content_type;
  std::string public_url;  // as stored; the answer's absolute link is made from it
  UserId uploader;
  Timestamp uploaded_at;
};

}  // namespace izpo
