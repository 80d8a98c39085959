#include "adapters/postgres/copy_format.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <bit>
#include <utility>

#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kPiece = 128UZ * 1024;

constexpr std::string_view kSignature = "PGCOPY\n\377\r\n\0"sv;
constexpr std::int64_t kEpoch2000 = 946'684'800'000'000;  // microseconds since 1970
// MIN_TIMESTAMP of src/include/datatype/timestamp.h; the end of them lies beyond what 64 bits since 1970
// hold.
constexpr std::int64_t kFirstTime = -211'813'488'000'000'000 + kEpoch2000;

template <class Number>
void append(std::string& bytes, Number number) {
  const Number big = std::endian::native == std::endian::little ? std::byteswap(number) : number;
  bytes.append(std::bit_cast<std::array<char, sizeof(Number)>>(big).data(), sizeof(Number));
}

template <class Number>
void append_field(std::string& bytes, Number number) {
  append(bytes, static_cast<std::int32_t>(sizeof(Number)));
  append(bytes, number);
}

bool is_text(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size()) && !bytes.contains('\0');
}

}  // namespace

void CopyWriter::add_head() {
  bytes_ += kSignature;
  append(bytes_, std::int32_t{0});  // flags
  append(bytes_, std::int32_t{0});  // length of what could follow
}

void CopyWriter::add_tail() {
  append(bytes_, std::int16_t{-1});
}

Result<void> CopyWriter::add(std::span<const sql::Cell> cells) {
  append(bytes_, static_cast<std::int16_t>(cells.size()));
  for (std::size_t i = 0; i < cells.size(); ++i) IZPO_CHECK(add_cell(table_.columns[i], cells[i], cells));
  return {};
}

Result<void> CopyWriter::add_cell(const sql::Column& column, const sql::Cell& cell,
                                  std::span<const sql::Cell> row) {
  using enum sql::ColumnKind;
  const auto refuse = [&](std::string_view why) {
    return fail(
        Error(reason::kStorageUnavailable, fmt::format("{} {}: {} {}, which PostgreSQL cannot keep",
                                                       table_.name, row.front().number, column.name, why)));
  };
  if (cell.kind == sql::Cell::Kind::kNull) {
    append(bytes_, std::int32_t{-1});
    return {};
  }
  const bool is_number = cell.kind == sql::Cell::Kind::kInteger;
  if (is_number == (column.kind == kText || column.kind == kBytes)) return refuse("is of another kind");
  switch (column.kind) {
    case kInteger:
      if (!std::in_range<std::int32_t>(cell.number)) return refuse("has more than 32 bits");
      append_field(bytes_, static_cast<std::int32_t>(cell.number));
      return {};
    case kNumber: append_field(bytes_, cell.number); return {};
    case kFlag: append_field(bytes_, static_cast<std::int8_t>(cell.number)); return {};
    case kTime:
      if (cell.number < kFirstTime) return refuse("is a time before 4713 BC");
      append_field(bytes_, cell.number - kEpoch2000);
      return {};
    case kText:
      if (!is_text(cell.text)) return refuse("has a NUL or is not UTF-8");
      [[fallthrough]];
    case kBytes:
      append(bytes_, static_cast<std::int32_t>(cell.text.size()));
      bytes_ += cell.text;
      return {};
  }
  return {};
}

Result<std::string_view> TableBytes::next() {
  std::string& bytes = writer_.bytes();
  bytes.clear();
  if (ended_) return std::string_view();
  if (!std::exchange(begun_, true)) {
    IZPO_CHECK(from_.begin(table_));
    writer_.add_head();
  }
  while (!ended_ && bytes.size() < kPiece) {
    IZPO_TRY(const bool found, from_.next(cells_));
    if (found) {
      IZPO_CHECK(writer_.add(cells_));
      ++rows_;
    } else {
      writer_.add_tail();
      ended_ = true;
    }
  }
  sum_.add(bytes);
  return bytes;
}

}  // namespace izpo::postgres
