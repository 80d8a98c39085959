#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "adapters/disk/layout.hpp"
#include "app/progress.hpp"

namespace izpo::app {

// Copies blobs from one data directory into another, each checked against its name, which is its digest, and
// durable before the next begins. What is there and right is passed over, so it can be done again after an
// interruption. Nobody else may write into either directory.
class FileCopy {
 public:
  FileCopy(const std::filesystem::path& from, const std::filesystem::path& to, Progress& progress)
      : from_(from / "blobs"), to_(to / "blobs"), progress_(progress) {}

  // Bytes that are missing or are not what they were are told, and passed over: they were lost before. Fails
  // with kStorageUnavailable, kStorageFull, and kShuttingDown when it is interrupted.
  Result<void> run(std::span<const std::string> names);

  // "120 files (3.2 MiB), 4 were there"
  std::string summary() const;

 private:
  Result<void> copy(const std::string& name);
  Result<bool> is_there(const std::string& name) const;

  const disk::Layout from_;
  const disk::Layout to_;
  Progress& progress_;
  std::size_t copied_ = 0;
  std::size_t there_ = 0;
  std::int64_t bytes_ = 0;
};

// The blobs of these names that the data directory does not have.
std::vector<std::string> missing_blobs(const std::filesystem::path& data_dir,
                                       std::span<const std::string> names);

}  // namespace izpo::app
