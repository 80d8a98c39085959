#pragma once

#include "api/schema.hpp"
#include "domain/ids.hpp"

namespace izpo::api {

// The "{id}" of the operations on a file.
struct FilePath {
  FileId id;
};
BOOST_DESCRIBE_STRUCT(FilePath, (), (id))

}  // namespace izpo::api
