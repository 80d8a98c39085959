#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo {

// Pictures made of blobs, kept so that they are not made again. What is lost is made anew, so nothing here is
// durable. Safe to call from any loop. Every method may fail with kStorageUnavailable and kOverloaded.
class ThumbnailCache {
 public:
  virtual ~ThumbnailCache() = default;

  // The WebP that was kept for the blob and the side; nullopt: none, or only a part of one.
  virtual Task<Result<std::optional<std::string>>> find(std::string blob, int side) = 0;

  // Fails with kStorageFull too.
  virtual Task<Result<void>> keep(std::string blob, int side, std::string webp) = 0;

  // The blobs of which something is kept, in kShards parts.
  static constexpr unsigned kShards = 256;
  virtual Task<Result<std::vector<std::string>>> blobs(unsigned shard) = 0;

  // All that was made of the blob. It is not an error if there is nothing.
  virtual Task<Result<void>> remove(std::string blob) = 0;
};

}  // namespace izpo
