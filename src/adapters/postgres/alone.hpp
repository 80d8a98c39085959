#pragma once

#include <string_view>

namespace izpo::postgres {

// What a transaction begins with that changes the tables themselves: alone among all processes that do, for
// as long as it takes. The lock ends with the transaction, so a pooler does not keep it.
inline constexpr std::string_view kAlone =
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock(5204116903)";

}  // namespace izpo::postgres
