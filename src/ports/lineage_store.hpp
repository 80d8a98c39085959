#pragma once

#include <string>

#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo {

// Which history this database tells.
class LineageStore {
 public:
  virtual ~LineageStore() = default;

  // A random name given when the database was made and changed by a restore: a client whose epoch differs
  // throws its copy away and loads again.
  virtual Task<Result<std::string>> epoch() = 0;
};

}  // namespace izpo
