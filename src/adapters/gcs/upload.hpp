#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/gcs/storage.hpp"
#include "base/worker_pool.hpp"
#include "domain/content_digest.hpp"
#include "ports/blobs.hpp"

namespace izpo::gcs {

// What the blobs of one bucket share.
struct Shared {
  Storage& storage;
  WorkerPool& pool;        // for checksums and signatures
  const std::string mark;  // in the metadata of every object of this database
};

// The names of an object's metadata under which `mark` stands.
inline constexpr const char* kMarkName = "izpochat-database";

// A resumable upload (https://cloud.google.com/storage/docs/resumable-uploads). The bytes go out in chunks;
// one is kept until the storage has committed it, so that it can be sent again. Given up, the session is
// cancelled and no object is made.
class Upload final : public BlobWriter {
 public:
  // A multiple of 256 KiB, as the storage wants: what an upload takes of memory.
  static constexpr std::size_t kChunk = std::size_t{512} << 10;

  Upload(Shared& shared, BlobLabel label);
  ~Upload() override;

  Task<Result<void>> write(std::span<const char> bytes) override;
  Task<Result<StoredBlob>> finish() override;

 private:
  Task<Result<void>> add_to_sums(std::span<const char> bytes);
  Task<Result<void>> begin();
  Task<Result<void>> send(bool last);
  Result<void> commit(const HttpAnswer& answer, std::int64_t end, bool& moved);
  Task<Result<void>> check(std::string object);
  Task<> remove(std::string generation);

  Shared& shared_;
  const BlobLabel label_;
  std::string session_;         // its URL, which is a secret; empty: not begun, or ended
  std::int64_t committed_ = 0;  // bytes that the storage has
  std::string chunk_;           // the bytes after those
  std::string object_;          // what the storage says of the finished object, as JSON
  std::int64_t size_ = 0;
  std::uint32_t crc_ = 0;
  ContentDigest digest_;
};

}  // namespace izpo::gcs
