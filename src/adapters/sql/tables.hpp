#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

// The tables as the migrations leave them, for who moves all of them from one database to another.
namespace izpo::sql {

// What a column holds; SQLite keeps the first four as integers.
enum class ColumnKind : std::uint8_t {
  kInteger,  // of 32 bits in PostgreSQL
  kNumber,
  kFlag,
  kTime,  // microseconds since 1970
  kText,
  kBytes,
};

struct Column {
  std::string_view name;
  ColumnKind kind = ColumnKind::kText;
};

struct Table {
  std::string_view name;
  std::string_view rows;  // what people call them: "memberships"
  std::string_view
      key;  // the columns of its primary key, "room_id, user_id": every database orders by them alike
  bool draws_ids = false;  // `id` comes from a sequence, and no number comes twice
  std::span<const Column> columns;
};

// All tables but schema_migrations, of which each database has its own; those that are named come before
// those that name them. A test compares it with what the migrations make.
std::span<const Table> all_tables();

// "room_id, user_id, joined_at"
std::string columns_of(const Table& table);

// Whether its rows are somebody's, and not what every database of ours has, or what servers told each other
// within the last hours.
bool is_data(const Table& table);

// One value of a row. Text and bytes are a view.
struct Cell {
  enum class Kind : std::uint8_t { kNull, kInteger, kText };
  Kind kind = Kind::kNull;
  std::int64_t number = 0;
  std::string_view text;
};

// Reads the tables of one database as they are at one moment. Used by one thread at a time; blocks. Fails
// with kStorageUnavailable.
class TableReader {
 public:
  virtual ~TableReader() = default;

  virtual Result<std::int64_t> count(const Table& table) = 0;

  // The greatest id that the table ever gave, also when its row is gone; 0: none.
  virtual Result<std::int64_t> last_id(const Table& table) = 0;

  // Begins with the first row of the table; next() goes on in the order of the key.
  virtual Result<void> begin(const Table& table) = 0;

  // Fills one cell a column, in order, valid until the next call; false when there is no row left.
  virtual Result<bool> next(std::span<Cell> cells) = 0;
};

}  // namespace izpo::sql
