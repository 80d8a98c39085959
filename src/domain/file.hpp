#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace izpo {

// Of an image as it is shown, in pixels.
struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

// What is known of an uploaded file; its bytes are elsewhere.
struct File {
  FileId id;
  std::string original_filename;
  std::string stored_filename;
  std::int64_t size = 0;  // bytes
  std::string content_type;
  std::string public_url;  // of a file taken over from an earlier version: where it is; otherwise empty
  UserId uploader;
  Timestamp uploaded_at;
  std::string blob = {};  // where the bytes are, in ports/blobs; empty: only public_url knows
  // Of the bytes: a ContentDigest, or the SHA-256 that came before it; empty: unknown.
  std::string digest = {};
  std::optional<ImageSize> image_size = {};  // of an image whose header could be read
  bool has_thumbnails = false;  // set with the link in public_url: smaller pictures of it are given out
};

}  // namespace izpo
