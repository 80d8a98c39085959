#include "adapters/postgres/encoding.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <variant>

// The formats are those of PostgreSQL's send and receive functions (src/backend/utils/adt): big-endian
// numbers, times as microseconds since 2000, lists as in array_recv.
namespace izpo::postgres {
namespace {

// src/include/catalog/pg_type.dat
constexpr Oid kUnknown = 0;  // PostgreSQL finds out
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kName = 19;
constexpr Oid kInt8Array = 1016;
constexpr Oid kTextArray = 1009;
constexpr Oid kVarchar = 1043;
constexpr Oid kBpchar = 1042;
constexpr Oid kTimestamptz = 1184;
constexpr Oid kNumeric = 1700;
constexpr Oid kVoid = 2278;

constexpr std::int64_t kEpoch2000 = 946'684'800'000'000;  // microseconds since 1970

template <class Number>
void append(std::string& bytes, Number number) {
  const Number big = std::endian::native == std::endian::little ? std::byteswap(number) : number;
  bytes.append(std::bit_cast<std::array<char, sizeof(Number)>>(big).data(), sizeof(Number));
}

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes;
  append(bytes, number);
  return bytes;
}

template <class Number>
Number number_at(const char* bytes) {
  Number number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return std::endian::native == std::endian::little ? std::byteswap(number) : number;
}

std::string array_head(Oid element, std::size_t size) {
  std::string bytes;
  append(bytes, std::int32_t{1});  // one dimension
  append(bytes, std::int32_t{1});  // perhaps with NULLs
  append(bytes, static_cast<std::int32_t>(element));
  append(bytes, static_cast<std::int32_t>(size));
  append(bytes, std::int32_t{1});  // the first has index 1
  return bytes;
}

// A whole number in numeric's format: digits of base 10000, the first has the given weight.
std::int64_t read_numeric(const char* bytes) {
  const auto digits = number_at<std::int16_t>(bytes);
  const auto weight = number_at<std::int16_t>(bytes + 2);
  const bool negative = number_at<std::uint16_t>(bytes + 4) == 0x4000;
  std::int64_t number = 0;
  for (std::int16_t i = 0; i <= weight; ++i) {
    number = number * 10'000 + (i < digits ? number_at<std::int16_t>(bytes + 8 + 2 * i) : 0);
  }
  return negative ? -number : number;
}

void read_cell(sql::Rows& rows, Oid type, const char* bytes, std::size_t length) {
  switch (type) {
    case kBool: return rows.add_integer(bytes[0] != 0 ? 1 : 0);
    case kInt8: return rows.add_integer(number_at<std::int64_t>(bytes));
    case kInt4: return rows.add_integer(number_at<std::int32_t>(bytes));
    case kInt2: return rows.add_integer(number_at<std::int16_t>(bytes));
    case kTimestamptz: return rows.add_integer(number_at<std::int64_t>(bytes) + kEpoch2000);
    case kNumeric: return rows.add_integer(read_numeric(bytes));
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kBytea:
    case kVoid: return rows.add_text({bytes, length});
    default:
      throw std::logic_error(fmt::format("a column has PostgreSQL's type {}, which is not read", type));
  }
}

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace

Arguments::Arguments(std::span<const sql::Value> values) {
  for (const sql::Value& value : values) add(value);
}

void Arguments::describe(Oid type, unsigned kind, std::size_t length) {
  if (types_.size() < 16) signature_ |= std::uint64_t{kind} << (4 * types_.size());
  types_.push_back(type);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(1);
}

void Arguments::add_copy(Oid type, unsigned kind, const std::string& bytes) {
  describe(type, kind, bytes.size());
  pieces_.push_back({.copied = static_cast<std::ptrdiff_t>(copied_.size())});
  copied_ += bytes;
}

void Arguments::add_view(Oid type, unsigned kind, std::string_view bytes) {
  describe(type, kind, bytes.size());
  pieces_.push_back({.view = bytes.empty() ? "" : bytes.data()});  // a null pointer would be NULL
}

void Arguments::add(const sql::Value& value) {
  std::visit(
      Overloaded{
          [this](std::monostate) {
            describe(kUnknown, 0, 0);
            pieces_.emplace_back();
          },
          [this](bool flag) { add_copy(kBool, 1, std::string(1, flag ? '\1' : '\0')); },
          [this](std::int64_t number) { add_copy(kInt8, 2, bytes_of(number)); },
          [this](Timestamp time) { add_copy(kTimestamptz, 3, bytes_of(to_micros(time) - kEpoch2000)); },
          [this](std::string_view text) { add_view(kText, 4, text); },
          [this](sql::Bytes bytes) {
            add_view(kBytea, 5, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
          },
          [this](sql::Ids ids) {
            std::string bytes = array_head(kInt8, ids.size());
            for (const std::int64_t id : ids) {
              append(bytes, std::int32_t{8});
              append(bytes, id);
            }
            add_copy(kInt8Array, 6, bytes);
          },
      },
      value);
}

void Arguments::add_numbers(std::span<const std::optional<std::int64_t>> numbers) {
  std::string bytes = array_head(kInt8, numbers.size());
  for (const auto& number : numbers) {
    append(bytes, number ? std::int32_t{8} : std::int32_t{-1});
    if (number) append(bytes, *number);
  }
  add_copy(kInt8Array, 6, bytes);
}

void Arguments::add_texts(std::span<const std::optional<std::string_view>> texts) {
  std::string bytes = array_head(kText, texts.size());
  for (const auto& text : texts) {
    append(bytes, text ? static_cast<std::int32_t>(text->size()) : std::int32_t{-1});
    if (text) bytes += *text;
  }
  add_copy(kTextArray, 7, bytes);
}

const char* const* Arguments::values() {
  values_.clear();
  for (const Piece& piece : pieces_) {
    values_.push_back(piece.copied >= 0 ? copied_.data() + piece.copied : piece.view);
  }
  return values_.data();
}

sql::Rows read_rows(const PGresult& answer) {
  const int columns = PQnfields(&answer);
  const int count = PQntuples(&answer);
  sql::Rows rows(static_cast<std::size_t>(columns));
  rows.reserve(static_cast<std::size_t>(count));
  std::vector<Oid> types;
  for (int column = 0; column < columns; ++column) types.push_back(PQftype(&answer, column));
  for (int row = 0; row < count; ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(&answer, row, column) != 0) {
        rows.add_null();
      } else {
        read_cell(rows, types[static_cast<std::size_t>(column)], PQgetvalue(&answer, row, column),
                  static_cast<std::size_t>(PQgetlength(&answer, row, column)));
      }
    }
  }
  return rows;
}

}  // namespace izpo::postgres
