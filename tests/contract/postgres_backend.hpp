#pragma once

#include <memory>

#include "contract/backend.hpp"

namespace izpo::testing {

std::unique_ptr<Backend> make_postgres_backend();

}  // namespace izpo::testing
