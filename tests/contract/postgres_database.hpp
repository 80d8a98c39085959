#pragma once

#include <string>

#include "adapters/postgres/database.hpp"

namespace izpo::testing {

// An empty database on the PostgreSQL for tests, dropped when this goes.
class PostgresDatabase {
 public:
  PostgresDatabase();
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  const std::string& name() const { return name_; }
  postgres::DatabaseOptions options() const;

  // One statement outside of every store, each in a connection of its own. Throws what PostgreSQL says.
  void execute(const std::string& statement) const;

 private:
  std::string name_;
};

}  // namespace izpo::testing
