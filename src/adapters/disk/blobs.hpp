#pragma once

#include <filesystem>
#include <memory>

#include "base/worker_pool.hpp"
#include "ports/blobs.hpp"
#include "ports/clock.hpp"
#include "ports/random.hpp"

namespace izpo::disk {

struct BlobOptions {
  std::size_t threads = 4;         // that write and read
  std::size_t most_waiting = 512;  // calls in line before them; more fail with kOverloaded
};

// Blobs as files under one directory, which no other process changes. A blob is called by the digest
// of its bytes (domain/content_digest), so equal files are kept once: ab/cd/abcd…. Those of before have the
// SHA-256 as their name, which is as good: no name is computed again.
//
// A blob is written to tmp/, fsynced and renamed, and the directories are fsynced before finish() returns.
// Its modification time says when it was stored last. What a crash left in tmp/ is removed by open().
//
// Made after the loops and destroyed before them, when no writer and no reader lives any more.
class Blobs final : public izpo::Blobs {
 public:
  // Makes the directory when it is missing. Fails with kStorageUnavailable; the detail is for the operator.
  static Result<std::unique_ptr<Blobs>> open(const std::filesystem::path& directory, const Clock& clock,
                                             Random& random, BlobOptions options = {});
  ~Blobs() override;

  Task<Result<std::unique_ptr<BlobWriter>>> create(BlobLabel label) override;
  Task<Result<std::unique_ptr<BlobReader>>> open(std::string name) override;
  Task<Result<std::optional<std::string>>> direct_link(std::string name, DirectLink how) override;
  Task<Result<void>> remove(std::string name, Timestamp unless_since) override;
  Task<Result<std::vector<Listed>>> list(std::string after, std::size_t most) override;

  struct State;

 private:
  explicit Blobs(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace izpo::disk
