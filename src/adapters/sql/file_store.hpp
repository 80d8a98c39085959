#pragma once

#include "adapters/sql/database.hpp"
#include "ports/file_store.hpp"

namespace izpo::sql {

class FileStore final : public izpo::FileStore {
 public:
  explicit FileStore(Database& database) : database_(database) {}

  Task<Result<std::vector<File>>> list_of(UserId uploader, Page page) override;

 private:
  Database& database_;
};

}  // namespace izpo::sql
