#pragma once

#include "adapters/sql/database.hpp"
#include "ports/file_store.hpp"

namespace izpo::sql {

class FileStore final : public izpo::FileStore {
 public:
  explicit FileStore(Database& database) : database_(database) {}

  Task<Result<File>> create(File file, std::optional<std::int64_t> quota) override;
  Task<Result<std::optional<File>>> find(FileId id) override;
  Task<Result<bool>> is_posted_to(UserId reader, FileId id) override;
  Task<Result<std::vector<File>>> list_of(UserId uploader, Page page) override;
  Task<Result<FileUsage>> usage_of(UserId uploader) override;
  Task<Result<std::vector<StoredMessage>>> remove(FileId id, UserId uploader, Timestamp now) override;
  Task<Result<std::vector<std::string>>> unreferenced(std::vector<std::string> blobs,
                                                      Timestamp since) override;

 private:
  Database& database_;
};

}  // namespace izpo::sql
