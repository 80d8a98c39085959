#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace izpo::sql {

// Stands in a statement where a column is compared with a list of ids; every driver writes it its own way
// (`column` + in_ids(1) means "column is among the ids bound as $1").
struct InIds {
  int parameter = 0;
};
constexpr InIds in_ids(int parameter) {
  return {parameter};
}

// A piece that only PostgreSQL is told, where it needs to be told more.
struct PostgresOnly {
  std::string_view text;
};
constexpr PostgresOnly postgres_only(std::string_view text) {
  return {text};
}

enum class Dialect : std::uint8_t { kSqlite, kPostgres };

// One statement in the SQL that SQLite and PostgreSQL share, with parameters $1, $2, … bound by number. Made
// from pieces, so that column lists and conditions are written once. A statement is a constant: connections
// keep what they prepared under its address.
class Statement {
 public:
  template <class... Pieces>
  constexpr explicit Statement(const Pieces&... pieces)
      : pieces_{Piece(pieces)...}, count_(sizeof...(Pieces)) {
    static_assert(sizeof...(Pieces) <= kMostPieces);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() = default;

  // `write_in_ids(int parameter)` returns the driver's text for an InIds.
  template <class WriteInIds>
  std::string text(Dialect dialect, WriteInIds write_in_ids) const {
    std::string result;
    for (std::size_t i = 0; i < count_; ++i) {
      const Piece& piece = pieces_[i];
      if (piece.postgres_only && dialect != Dialect::kPostgres) continue;
      if (piece.ids.parameter != 0) {
        result += write_in_ids(piece.ids.parameter);
      } else {
        result += piece.text;
      }
    }
    return result;
  }

 private:
  struct Piece {
    constexpr Piece() = default;
    constexpr explicit Piece(std::string_view literal) : text(literal) {}
    constexpr explicit Piece(InIds list) : ids(list) {}
    constexpr explicit Piece(PostgresOnly piece) : text(piece.text), postgres_only(true) {}
    std::string_view text;
    InIds ids;
    bool postgres_only = false;
  };
  static constexpr std::size_t kMostPieces = 24;

  std::array<Piece, kMostPieces> pieces_{};
  std::size_t count_;
};

}  // namespace izpo::sql
