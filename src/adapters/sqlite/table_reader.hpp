#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "adapters/sql/tables.hpp"
#include "adapters/sqlite/connection.hpp"

namespace izpo::sqlite {

// The tables of one SQLite file, which is only read: one transaction, from open() on.
class TableReader final : public sql::TableReader {
 public:
  // Fails with kStorageUnavailable; the detail is a line for the operator that names the file: it is no
  // database of ours, or its version is not this program's.
  static Result<std::unique_ptr<TableReader>> open(const std::filesystem::path& file);

  Result<std::int64_t> count(const sql::Table& table) override;
  Result<std::int64_t> last_id(const sql::Table& table) override;
  Result<void> begin(const sql::Table& table) override;
  Result<bool> next(std::span<sql::Cell> cells) override;

 private:
  explicit TableReader(Connection connection) : connection_(std::move(connection)) {}

  Result<Prepared> prepare(const std::string& text);
  Result<std::int64_t> number(const std::string& text);
  Result<void> check_version();

  Connection connection_;
  std::optional<Prepared> rows_;  // destroyed before connection_
};

}  // namespace izpo::sqlite
