#include "contract/backend.hpp"
#include "contract/memory_backend.hpp"
#include "contract/postgres_backend.hpp"
#include "contract/sqlite_backend.hpp"

namespace izpo::testing {

std::vector<BackendKind> backend_kinds() {
  return {
      {"Memory", make_memory_backend},
      {"Sqlite", make_sqlite_backend},
      {"Postgres", make_postgres_backend},
  };
}

std::string backend_name(const ::testing::TestParamInfo<BackendKind>& info) {
  return info.param.name;
}

}  // namespace izpo::testing
