#pragma once

#include <filesystem>
#include <memory>

#include "base/worker_pool.hpp"
#include "ports/random.hpp"
#include "ports/thumbnail_cache.hpp"

namespace izpo::disk {

// Pictures as files under one directory, which no other process changes: 4f/<blob>-320.webp, the blob's name
// percent-encoded, in a folder by its hash. One is written beside its place and renamed, and not fsynced.
//
// Made after the loops and destroyed before them.
class ThumbnailCache final : public izpo::ThumbnailCache {
 public:
  // Makes the directory when it is missing, and removes what a crash left half-written. Fails with
  // kStorageUnavailable; the detail is for the operator.
  static Result<std::unique_ptr<ThumbnailCache>> open(std::filesystem::path directory, Random& random);

  Task<Result<std::optional<std::string>>> find(std::string blob, int side) override;
  Task<Result<void>> keep(std::string blob, int side, std::string webp) override;
  Task<Result<std::vector<std::string>>> blobs(unsigned shard) override;
  Task<Result<void>> remove(std::string blob) override;

 private:
  ThumbnailCache(std::filesystem::path directory, Random& random);

  std::filesystem::path folder_of(const std::string& blob) const;
  std::filesystem::path path_of(const std::string& blob, int side) const;
  std::filesystem::path temporary() const { return directory_ / "tmp"; }

  const std::filesystem::path directory_;
  Random& random_;
  WorkerPool pool_;
};

}  // namespace izpo::disk
