#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/file.hpp"
#include "domain/reasons.hpp"
#include "ports/message_store.hpp"
#include "ports/page.hpp"

namespace izpo {

// What a user's files take.
struct FileUsage {
  std::int64_t bytes = 0;
  std::int64_t files = 0;

  friend bool operator==(const FileUsage&, const FileUsage&) = default;
};

// What is known of uploaded files; their bytes are in ports/blobs. Safe to call from any loop. Every method
// may fail with kStorageUnavailable, and those that change something with kStorageFull. A file that was
// deleted is found by none of them, but messages keep naming it.
class FileStore {
 public:
  virtual ~FileStore() = default;

  // `file.id` is chosen by the store. Its blob is durable already. Fails with kUserNotFound, and with
  // kQuotaExceeded when the uploader's files would take more than `quota` bytes together (the error has
  // `quota` and `used`): also when several come at once.
  virtual Task<Result<File>> create(File file, std::optional<std::int64_t> quota) = 0;

  virtual Task<Result<std::optional<File>>> find(FileId id) = 0;

  // Whether a message of a room that `reader` may read has the file: a public room, or one they are in.
  virtual Task<Result<bool>> is_posted_to(UserId reader, FileId id) = 0;

  virtual Task<Result<std::vector<File>>> list_of(UserId uploader, Page page) = 0;
  virtual Task<Result<FileUsage>> usage_of(UserId uploader) = 0;

  // Deletes a file of `uploader`, in one durable transaction with what that does to the messages that have
  // it: each takes the next number of its room as its change_seq. Gives those messages, by room and number;
  // none of rooms that are gone. Takes numbers, so a server calls it through ports/message_log only. Fails
  // with kFileNotFound, also for somebody else's.
  virtual Task<Result<std::vector<StoredMessage>>> remove(FileId id, UserId uploader, Timestamp now) = 0;

  // Those of `blobs` that no file has, nor had since `since` (a deleted file keeps its blob until then).
  virtual Task<Result<std::vector<std::string>>> unreferenced(std::vector<std::string> blobs,
                                                              Timestamp since) = 0;
};

inline Error quota_exceeded(std::int64_t quota, std::int64_t used) {
  Error error(reason::kQuotaExceeded);
  error.details = {{"quota", quota}, {"used", used}};
  return error;
}

}  // namespace izpo
