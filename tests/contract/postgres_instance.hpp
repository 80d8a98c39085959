#pragma once

#include <string>

namespace izpo::testing {

// The URL of a PostgreSQL for tests, on which its user may make databases: that of IZPO_TEST_POSTGRES
// (script/test starts one and says so), or else one of this process's own, started at the first call and gone
// with the process, even one that is killed. Throws std::runtime_error when there is none to be had. From any
// thread.
const std::string& test_postgres_url();

}  // namespace izpo::testing
