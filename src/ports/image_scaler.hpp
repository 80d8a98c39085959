#pragma once

#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "ports/blobs.hpp"

namespace izpo {

// Makes a smaller picture of an image. Safe to call from any loop.
class ImageScaler {
 public:
  virtual ~ImageScaler() = default;

  // A WebP of at most `side` by `side` pixels, never larger than the image, turned as its Exif data say and
  // without them. The image may be hostile. Fails with kNoThumbnail (it cannot be made of this image),
  // kOverloaded, kShuttingDown, kInternal (the detail says what is wrong with the machine), and as the
  // reader.
  virtual Task<Result<std::string>> scale(BlobReader& image, int side) = 0;
};

}  // namespace izpo
