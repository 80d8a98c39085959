#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/value.hpp"

namespace izpo::postgres {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

// A statement's parameters in PostgreSQL's binary format, with their types. A number, a flag or a time is
// copied; text and bytes are views, which must live until the statement is sent.
class Arguments {
 public:
  Arguments() = default;
  explicit Arguments(std::span<const sql::Value> values);

  void add(const sql::Value& value);

  // Lists, for unnest.
  void add_numbers(std::span<const std::optional<std::int64_t>> numbers);
  void add_texts(std::span<const std::optional<std::string_view>> texts);

  int count() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }

  // What of the types matters to a prepared statement: four bits for each of the first 16 parameters.
  std::uint64_t signature() const { return signature_; }

  // Valid until something is added.
  const char* const* values();
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add_copy(Oid type, unsigned kind, const std::string& bytes);
  void add_view(Oid type, unsigned kind, std::string_view bytes);
  void describe(Oid type, unsigned kind, std::size_t length);

  struct Piece {
    const char* view = nullptr;  // nullptr: in copied_, or NULL
    std::ptrdiff_t copied = -1;
  };
  std::vector<Oid> types_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<Piece> pieces_;
  std::string copied_;
  std::vector<const char*> values_;
  std::uint64_t signature_ = 0;
};

// All rows of an answer in binary format. Throws std::logic_error for a type that no statement of ours
// returns.
sql::Rows read_rows(const PGresult& answer);

}  // namespace izpo::postgres
