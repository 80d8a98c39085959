#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/session.hpp"
#include "ports/blobs.hpp"
#include "ports/clock.hpp"
#include "ports/content_sniffer.hpp"
#include "ports/file_store.hpp"
#include "ports/message_log.hpp"
#include "ports/random.hpp"
#include "services/access.hpp"
#include "services/recent_map.hpp"
#include "services/scanning.hpp"
#include "services/signed_links.hpp"

namespace izpo::services {

struct FileRules {
  std::int64_t max_file_size = std::int64_t{50} << 20;  // bytes
  std::int64_t max_files = 10;                          // in one request
  std::optional<std::int64_t> user_quota;               // bytes; nullopt: none
  std::chrono::minutes grace{60};  // so long the bytes of a deleted or abandoned file are kept
  std::size_t most_uploads = 64;   // at once; each holds some buffers
  bool unscanned_pass = false;     // while the virus scanner is away
};

// The bytes of a file as they arrive.
class FileSource {
 public:
  virtual ~FileSource() = default;

  // The next piece, good until the next call; empty: the end.
  virtual Task<Result<std::string_view>> next() = 0;

  // The same of what needs no waiting, on any thread; empty: next() says what comes.
  virtual std::string_view next_ready() { return {}; }
};

// A file that was received and checked, and does not exist yet. Destroyed, it leaves nothing.
struct ReceivedFile {
  File file;
  std::unique_ptr<BlobWriter> blob;
};

// A place among the uploads that run at once, given back at the end of the scope.
class UploadPlace {
 public:
  explicit UploadPlace(std::atomic<std::size_t>& running) : running_(&running) {}
  UploadPlace(UploadPlace&& other) noexcept : running_(std::exchange(other.running_, nullptr)) {}
  UploadPlace& operator=(UploadPlace&&) = delete;
  ~UploadPlace() {
    if (running_ != nullptr) --*running_;
  }

 private:
  std::atomic<std::size_t>* running_;
};

// Files: in, out and away. Safe to call from any loop.
class Files {
 public:
  struct Ports {
    FileStore& files;
    Blobs& blobs;
    ContentSniffer& sniffer;
    Access& access;
    const SignedLinks& links;
    MessageLog& log;
    const Clock& clock;
    Random& random;
    VirusScanner* scanner = nullptr;  // none: files are not scanned
  };

  Files(Ports ports, FileRules rules) : ports_(ports), rules_(rules) {}

  const FileRules& rules() const { return rules_; }
  Error too_large() const;  // kFileTooLarge, with the limits

  // Before the first receive() of a request. Fails with kOverloaded.
  Result<UploadPlace> begin_upload();

  // Takes one file in: checks its name, its content and its size, and writes the bytes, without making it
  // known. Fails with kTypeNotAllowed, kTypeMismatch, kEmptyFile, kFileTooLarge, kQuotaExceeded,
  // kFileInfected, kScannerUnavailable, as the source and as Blobs. `filename` is as the client sent it.
  Task<Result<ReceivedFile>> receive(const Principal& caller, std::string filename, FileSource& source);

  // Makes it durable and known. Fails with kQuotaExceeded, kStorageFull and kStorageUnavailable.
  Task<Result<File>> keep(ReceivedFile received);

  Task<Result<std::vector<File>>> list(const Principal& caller, Page page);
  Task<Result<FileUsage>> usage(const Principal& caller);

  // With the blob that SignedLinks::blob_of says. Fails as Access::to_read_file.
  Task<Result<File>> get(const Principal& caller, FileId id);

  // By the signed segment of a link. Fails as SignedLinks::check.
  struct Linked {
    File file;
    std::optional<std::chrono::seconds> good_for;  // nullopt: for ever
  };
  Task<Result<Linked>> get_by_link(FileId id, std::string token);

  // The bytes of a file that one of the two above gave. Fails with kFileNotFound when there are none here.
  Task<Result<std::unique_ptr<BlobReader>>> open(const File& file);
  Task<Result<std::optional<std::string>>> direct_link(const File& file, DirectLink how);

  // Messages keep naming it, and the connected are told that it is gone; its bytes go after the grace, or at
  // once if they were taken over from an earlier version. Fails as Access::to_own_file, and with kOverloaded
  // and kShuttingDown.
  Task<Result<void>> remove(const Principal& caller, FileId id);

  // Bytes of files that are gone are kept if a file had them after this.
  Timestamp kept_since() const { return ports_.clock.now() - rules_.grace; }

  // Removes the bytes that no file has had for the grace: of deleted files, and of uploads that were cut
  // between bytes and row. Returns how many blobs. Can be stopped anywhere and begun again.
  Task<Result<std::size_t>> collect();

 private:
  Task<Result<std::optional<File>>> find_cached(FileId id);
  std::string new_stored_filename(std::string_view extension);

  const Ports ports_;
  const FileRules rules_;
  std::atomic<std::size_t> uploads_ = 0;
  ScanCounts scans_;

  // What links were followed to lately, so that an image of a page that a whole room opens is looked up once.
  // Kept for seconds: another node may delete a file.
  struct Known {
    File file;
    Timestamp until;
  };
  std::mutex mutex_;
  RecentMap<FileId, Known> known_{4096};  // under mutex_
  std::uint64_t removals_ = 0;            // under mutex_: what was read before one is not remembered after it
};

}  // namespace izpo::services
