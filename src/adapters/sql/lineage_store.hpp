#pragma once

#include "adapters/sql/database.hpp"
#include "ports/lineage_store.hpp"

namespace izpo::sql {

class LineageStore final : public izpo::LineageStore {
 public:
  explicit LineageStore(Database& database) : database_(database) {}

  Task<Result<std::string>> epoch() override;

 private:
  Database& database_;
};

}  // namespace izpo::sql
