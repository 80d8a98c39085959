#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/tables.hpp"
#include "base/sha256.hpp"

namespace izpo::postgres {

// The rows of a table as COPY's binary format writes them (PostgreSQL's manual, COPY, "Binary Format"): what
// is sent to a table and what is read back from it are the same bytes.
class CopyWriter {
 public:
  explicit CopyWriter(const sql::Table& table) : table_(table) {}

  void add_head();
  void add_tail();

  // Fails with kStorageUnavailable when PostgreSQL has no such value: text with a NUL or that is not UTF-8, a
  // time before 4713 BC. The detail names the row.
  Result<void> add(std::span<const sql::Cell> cells);

  std::string& bytes() { return bytes_; }

 private:
  Result<void> add_cell(const sql::Column& column, const sql::Cell& cell, std::span<const sql::Cell> row);

  const sql::Table& table_;
  std::string bytes_;
};

// One table of a reader, as the bytes that COPY takes.
class TableBytes {
 public:
  TableBytes(sql::TableReader& from, const sql::Table& table)
      : from_(from), table_(table), writer_(table), cells_(table.columns.size()) {}

  // The next bytes, good until the call after it; none at the end. Fails as the reader and the writer do.
  Result<std::string_view> next();

  std::int64_t rows() const { return rows_; }
  std::string sum() { return sum_.hex(); }  // once, at the end

 private:
  sql::TableReader& from_;
  const sql::Table& table_;
  CopyWriter writer_;
  std::vector<sql::Cell> cells_;
  std::int64_t rows_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  Sha256 sum_;
};

}  // namespace izpo::postgres
