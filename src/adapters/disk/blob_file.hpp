#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/disk/layout.hpp"
#include "base/descriptor.hpp"
#include "base/worker_pool.hpp"
#include "domain/content_digest.hpp"
#include "ports/blobs.hpp"
#include "ports/clock.hpp"

namespace izpo::disk {

// What the blobs of one directory share.
struct Shared {
  const Layout layout;
  const Clock& clock;
  std::mutex names;  // held while a blob gets its name or loses it: what is being stored again is not removed
  WorkerPool pool;
};

class FileWriter final : public BlobWriter {
 public:
  FileWriter(Shared& shared, std::filesystem::path path, Descriptor file);
  ~FileWriter() override;

  Task<Result<void>> write(std::span<const char> bytes) override;
  Task<Result<void>> write_on(std::span<const char> bytes, ReadyBytes& more) override;
  Task<Result<StoredBlob>> finish() override;

 private:
  Result<void> append(std::span<const char> bytes);
  Result<StoredBlob> publish();

  Shared& shared_;
  const std::filesystem::path path_;  // in tmp/
  Descriptor file_;                   // none: published
  std::int64_t size_ = 0;
  std::int64_t flushed_ = 0;
  ContentDigest digest_;
};

class FileReader final : public BlobReader {
 public:
  FileReader(Shared& shared, Descriptor file, std::int64_t size)
      : shared_(shared), file_(std::move(file)), size_(size) {}

  // Reads all of a small one. Blocks, unless the flags of preadv2(2) say otherwise.
  static constexpr std::int64_t kSmall = std::int64_t{64} << 10;
  Result<void> read_small(int flags = 0);

  std::string_view whole() const override { return whole_; }

  std::int64_t size() const override { return size_; }
  Task<Result<std::size_t>> read(std::int64_t offset, std::span<char> buffer) override;
  int descriptor() const override { return file_.number(); }
  Task<Result<void>> prepare(std::int64_t offset, std::int64_t length) override;

 private:
  Shared& shared_;
  Descriptor file_;
  std::int64_t size_;
  std::string whole_;
};

}  // namespace izpo::disk
