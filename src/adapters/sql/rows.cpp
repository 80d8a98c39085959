#include "adapters/sql/rows.hpp"

#include <stdexcept>

namespace izpo::sql {

const Rows::Cell& Row::next(Rows::Kind kind) {
  if (next_ == end_) throw std::logic_error("a row has fewer columns than are read");
  const Rows::Cell& cell = rows_->cells_.at(next_);
  if (cell.kind != kind) throw std::logic_error("a column is not of the kind that is read");
  ++next_;
  return cell;
}

bool Row::next_is_null() {
  if (next_ == end_ || rows_->cells_.at(next_).kind != Rows::Kind::kNull) return false;
  ++next_;
  return true;
}

std::string Row::text() {
  const Rows::Cell& cell = next(Rows::Kind::kText);
  return rows_->text_.substr(static_cast<std::size_t>(cell.number), cell.length);
}

std::optional<std::string> Row::optional_text() {
  return next_is_null() ? std::nullopt : std::optional(text());
}

std::optional<Timestamp> Row::optional_time() {
  return next_is_null() ? std::nullopt : std::optional(time());
}

}  // namespace izpo::sql
