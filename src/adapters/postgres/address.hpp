#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace izpo::postgres {

// For the log, when a pooler does not take the parameter `options`.
inline constexpr std::string_view kOptionsDropped =
    "DATABASE_URL: the parameter options is dropped, a pooler does not take it";

// Where a PostgreSQL is and who comes to it: a DATABASE_URL that was read.
struct Address {
  // libpq's keywords and values, the password among them: never to be printed.
  std::vector<std::pair<std::string, std::string>> parameters;

  // Through a pooler that gives a connection for one transaction at a time (PgBouncer, Supabase on port
  // 6543): nothing that belongs to a session can be relied on.
  bool pooled = false;

  // What stood in the URL and is not used, as sentences for the log.
  std::vector<std::string> notes;

  // "izpochat@db.example.org:5432/chat": for lines that people read.
  std::string shown;

  std::string_view value(std::string_view keyword) const;  // empty: not given

  // postgres:// and postgresql:// as libpq reads them (section 34.1.1.2 of PostgreSQL's manual), SQLAlchemy's
  // postgresql+driver:// too. Parameters that libpq does not know are dropped with a note. The error says
  // what is wrong as the end of a sentence, and repeats nothing of the URL.
  static std::expected<Address, std::string> parse(std::string_view url);
};

}  // namespace izpo::postgres
