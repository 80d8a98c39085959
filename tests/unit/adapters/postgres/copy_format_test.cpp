#include "adapters/postgres/copy_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace izpo::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using Cell = sql::Cell;
using Kind = sql::Cell::Kind;
using enum sql::ColumnKind;

constexpr sql::Column kColumns[] = {
    {"id", kNumber}, {"short", kInteger}, {"on", kFlag}, {"at", kTime}, {"name", kText}, {"hash", kBytes},
};
constexpr sql::Table kTable{.name = "things", .rows = "things", .key = "id", .columns = kColumns};

constexpr std::int64_t kYear2000 = 946'684'800'000'000;

Cell number(std::int64_t value) {
  return {.kind = Kind::kInteger, .number = value, .text = {}};
}
Cell text(std::string_view value) {
  return {.kind = Kind::kText, .number = 0, .text = value};
}

std::vector<Cell> row() {
  return {number(7), number(-2), number(1), number(kYear2000 + 1), text("ñ"), text("\0\xff"sv)};
}

// "Binary Format" of COPY in PostgreSQL's manual.
TEST(CopyFormat, IsThatOfTheManual) {
  CopyWriter writer(kTable);
  writer.add_head();
  ASSERT_TRUE(writer.add(row()));
  ASSERT_TRUE(writer.add(std::vector<Cell>(6)));
  writer.add_tail();
  EXPECT_EQ(
      writer.bytes(),
      "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"sv
      "\0\6"
      "\0\0\0\10\0\0\0\0\0\0\0\7"
      "\0\0\0\4\xff\xff\xff\xfe"
      "\0\0\0\1\1"
      "\0\0\0\10\0\0\0\0\0\0\0\1"
      "\0\0\0\2\xc3\xb1"
      "\0\0\0\2\0\xff"
      "\0\6\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
      "\xff\xff"sv);
}

TEST(CopyFormat, NamesTheRowThatPostgresqlCannotKeep) {
  const auto refusal = [](std::size_t column, Cell cell) {
    CopyWriter writer(kTable);
    auto cells = row();
    cells[column] = cell;
    const auto done = writer.add(cells);
    return done ? "" : done.error().log_detail;
  };
  EXPECT_EQ(refusal(4, text("a\0b"sv)),
            "things 7: name has a NUL or is not UTF-8, which PostgreSQL cannot keep");
  EXPECT_THAT(refusal(4, text("\xed\xa0\x80")), HasSubstr("things 7: name"));  // half of a surrogate pair
  EXPECT_THAT(refusal(3, number(std::numeric_limits<std::int64_t>::min())), HasSubstr("things 7: at"));
  EXPECT_THAT(refusal(1, number(std::int64_t{1} << 40)), HasSubstr("things 7: short"));
  EXPECT_THAT(refusal(0, text("7")), HasSubstr("id is of another kind"));
  EXPECT_EQ(refusal(3, number(std::numeric_limits<std::int64_t>::max())), "");
  EXPECT_EQ(refusal(4, text("\U0001F426\u2028")), "");
}

// Gives so many rows.
class Rows final : public sql::TableReader {
 public:
  explicit Rows(int count) : count_(count) {}

  Result<std::int64_t> count(const sql::Table& /*table*/) override { return count_; }
  Result<std::int64_t> last_id(const sql::Table& /*table*/) override { return count_; }
  Result<void> begin(const sql::Table& /*table*/) override {
    at_ = 0;
    return {};
  }
  Result<bool> next(std::span<Cell> cells) override {
    if (at_ == count_) return false;
    const auto cells_of_row = row();
    std::ranges::copy(cells_of_row, cells.begin());
    cells[0] = number(++at_);
    return true;
  }

 private:
  int count_;
  int at_ = 0;
};

TEST(CopyFormat, ComesInPiecesThatAreSummed) {
  Rows rows(10'000);
  TableBytes bytes(rows, kTable);
  std::string all;
  int pieces = 0;
  for (auto piece = bytes.next(); piece && !piece->empty(); piece = bytes.next()) {
    all += *piece;
    ++pieces;
  }
  EXPECT_GT(pieces, 2);
  EXPECT_EQ(bytes.rows(), 10'000);
  Sha256 sum;
  sum.add(all);
  EXPECT_EQ(bytes.sum(), sum.hex());
  EXPECT_TRUE(all.starts_with("PGCOPY") && all.ends_with("\xff\xff"));

  Rows none(0);
  TableBytes empty(none, kTable);
  EXPECT_EQ(empty.next().value().size(), 21);
  EXPECT_TRUE(empty.next().value().empty());
}

TEST(CopyFormat, SumsAsSha256) {
  Sha256 sum;
  sum.add(std::string_view("a"));
  sum.add(std::string_view("bc"));
  EXPECT_EQ(sum.hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
}

}  // namespace
}  // namespace izpo::postgres
