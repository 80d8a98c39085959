#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace izpo::sql {

class Row;

// A query's whole answer, in memory. A driver fills it cell by cell, in its columns' order: booleans as 0 and
// 1, times as UTC microseconds.
class Rows {
 public:
  explicit Rows(std::size_t columns) : columns_(columns) {}

  void reserve(std::size_t rows) { cells_.reserve(rows * columns_); }
  void add_null() { cells_.push_back({Kind::kNull, 0, 0}); }
  void add_integer(std::int64_t number) { cells_.push_back({Kind::kInteger, 0, number}); }
  void add_text(std::string_view text) {
    cells_.push_back(
        {Kind::kText, static_cast<std::uint32_t>(text.size()), static_cast<std::int64_t>(text_.size())});
    text_ += text;
  }

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  Row row(std::size_t index) const;  // valid as long as this object

 private:
  friend class Row;
  enum class Kind : std::uint8_t { kNull, kInteger, kText };
  struct Cell {
    Kind kind;
    std::uint32_t length;  // of the text: no database gives 4 GB
    std::int64_t number;   // kInteger: the value; kText: where it starts in text_
  };

  std::size_t columns_;
  std::vector<Cell> cells_;
  std::string text_;
};

// One row, read from left to right: every getter takes the next column. A NULL or a kind that was not asked
// for is a bug in the statement, thrown as std::logic_error.
class Row {
 public:
  std::int64_t integer() { return next(Rows::Kind::kInteger).number; }
  bool flag() { return integer() != 0; }
  Timestamp time() { return from_micros(integer()); }
  std::string text();
  template <class Id>
  Id id() {
    return Id(integer());
  }

  std::optional<std::int64_t> optional_integer() {
    return next_is_null() ? std::nullopt : std::optional(integer());
  }
  std::optional<std::string> optional_text();
  std::optional<Timestamp> optional_time();
  template <class Id>
  std::optional<Id> optional_id() {
    return next_is_null() ? std::nullopt : std::optional(id<Id>());
  }

  // Whether the next column is NULL; if so, goes past it.
  bool next_is_null();

 private:
  friend class Rows;
  Row(const Rows& rows, std::size_t first) : rows_(&rows), next_(first), end_(first + rows.columns_) {}
  const Rows::Cell& next(Rows::Kind kind);

  const Rows* rows_;
  std::size_t next_;
  std::size_t end_;
};

inline Row Rows::row(std::size_t index) const {
  return {*this, index * columns_};
}

// `read(Row&)` of every row.
template <class Read>
auto read_all(const Rows& rows, Read read) {
  std::vector<decltype(read(std::declval<Row&>()))> result;
  result.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row row = rows.row(i);
    result.push_back(read(row));
  }
  return result;
}

// `read(Row&)` of the first row, or nullopt when there is none.
template <class Read>
auto read_first(const Rows& rows, Read read) -> std::optional<decltype(read(std::declval<Row&>()))> {
  if (rows.empty()) return std::nullopt;
  Row row = rows.row(0);
  return read(row);
}

}  // namespace izpo::sql
