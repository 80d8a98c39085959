#pragma once

#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/file.hpp"
#include "ports/page.hpp"

namespace izpo {

// What is known of uploaded files. Safe to call from any loop. Every method may fail with
// kStorageUnavailable.
class FileStore {
 public:
  virtual ~FileStore() = default;

  virtual Task<Result<std::vector<File>>> list_of(UserId uploader, Page page) = 0;
};

}  // namespace izpo
