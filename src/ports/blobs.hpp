#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"

// Where the bytes of files are. Only the store makes names; nothing that a user typed becomes one.
namespace izpo {

struct StoredBlob {
  std::string name;
  std::int64_t size = 0;  // bytes
  std::string digest;     // of the bytes, by ContentDigest
};

// Bytes that are there without waiting. next() gives the next piece, good until the next call; empty: there
// are none now. It is called on the thread where they are used, while nobody else asks for them.
class ReadyBytes {
 public:
  virtual ~ReadyBytes() = default;
  virtual std::string_view next() = 0;
};

// A blob on its way in. Used by one coroutine at a time. One that is destroyed before finish() has succeeded
// leaves nothing behind.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  // Takes the next bytes, which must stay until it returns. Fails with kStorageFull, kStorageUnavailable and
  // kOverloaded; what was written is then lost.
  virtual Task<Result<void>> write(std::span<const char> bytes) = 0;

  // As write(), and goes on with what `more` has ready, up to a few megabytes or not at all: without a change
  // of threads for each piece, and with bytes that are still in the processor's cache.
  virtual Task<Result<void>> write_on(std::span<const char> bytes, ReadyBytes& /*more*/) {
    return write(bytes);
  }

  // Ends it: durable when this returns a value. A blob with the same bytes may be there already and be given
  // back; it counts as stored now. Fails as write does.
  virtual Task<Result<StoredBlob>> finish() = 0;
};

// A blob that is read. It stays readable while this lives, also when the blob is removed meanwhile.
class BlobReader {
 public:
  virtual ~BlobReader() = default;

  virtual std::int64_t size() const = 0;  // bytes

  // All of the bytes, of a blob so small that they were read at once; empty: read them.
  virtual std::string_view whole() const { return {}; }

  // The bytes from `offset` on, as many as `buffer` holds or as there are. Fails with kStorageUnavailable.
  virtual Task<Result<std::size_t>> read(std::int64_t offset, std::span<char> buffer) = 0;

  // A regular file of exactly the blob's bytes, for sendfile(2); -1: there is none, read() them. prepare()
  // first, so that sendfile does not wait for a disk.
  virtual int descriptor() const { return -1; }
  virtual Task<Result<void>> prepare(std::int64_t /*offset*/, std::int64_t /*length*/) {
    co_return Result<void>{};
  }
};

// What a blob is put under, where the store shows it.
struct BlobLabel {
  std::string stored_filename;  // "2025/09/23/<uuid>.<extension>"
  std::string content_type;
};

// How a link straight to the store answers.
struct DirectLink {
  std::string content_type;
  std::string content_disposition;
  std::chrono::seconds lifetime{};
};

// Safe to call from any loop. Every method may fail with kStorageUnavailable and kOverloaded.
class Blobs {
 public:
  virtual ~Blobs() = default;

  virtual Task<Result<std::unique_ptr<BlobWriter>>> create(BlobLabel label) = 0;

  // Fails with kFileNotFound when there is no such blob.
  virtual Task<Result<std::unique_ptr<BlobReader>>> open(std::string name) = 0;

  // A link that needs no header, by which the store itself gives the blob; nullopt: it must be read here.
  virtual Task<Result<std::optional<std::string>>> direct_link(std::string name, DirectLink how) = 0;

  // Removes the blob unless it was stored (or given back by finish) after `unless_since`. It is not an error
  // if it is gone.
  virtual Task<Result<void>> remove(std::string name, Timestamp unless_since) = 0;

  // The blobs of this store whose names come after `after`, in order; an empty list is the end. What is not
  // a blob of this server is not among them.
  struct Listed {
    std::string name;
    Timestamp stored_at;
  };
  virtual Task<Result<std::vector<Listed>>> list(std::string after, std::size_t most) = 0;
};

}  // namespace izpo
