#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/gcs/upload.hpp"
#include "ports/blobs.hpp"

namespace izpo::gcs {

// One generation of an object, read in pieces. Each piece is an exchange of its own, so that it can be asked
// for again; pieces that are read one after another grow. Who reads all of it, from its first byte on, has
// its CRC-32C checked: the last piece is given only when it agrees.
//
// An object that is removed while this lives cannot be read further, other than the port promises: only what
// no file has had for FILE_GRACE_MINUTES is removed.
class Download final : public BlobReader {
 public:
  static constexpr std::size_t kFirstPiece = std::size_t{64} << 10;  // and what is small
  static constexpr std::size_t kLargestPiece = std::size_t{256} << 10;

  // Fails as Blobs::open.
  static Task<Result<std::unique_ptr<BlobReader>>> open(Shared& shared, std::string name);

  Download(Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {}

  std::int64_t size() const override { return size_; }
  std::string_view whole() const override;
  Task<Result<std::size_t>> read(std::int64_t offset, std::span<char> buffer) override;

 private:
  Task<Result<void>> fetch(std::int64_t offset, std::size_t count);
  Task<Result<void>> check();

  Shared& shared_;
  const std::string name_;
  std::int64_t size_ = -1;             // -1: not known yet
  std::string generation_;             // empty: the storage does not say
  std::optional<std::string> crc32c_;  // of all its bytes; nullopt: the storage does not say
  std::string piece_;
  std::int64_t piece_at_ = 0;
  std::size_t next_piece_ = kFirstPiece;
  std::int64_t checked_ = 0;  // bytes from the first on whose CRC is crc_
  std::uint32_t crc_ = 0;
};

}  // namespace izpo::gcs
