#include "adapters/sql/database.hpp"

namespace izpo::sql {

Task<Result<std::vector<Rows>>> Session::query_all(std::span<const Query> queries) {
  std::vector<Rows> answers;
  answers.reserve(queries.size());
  for (const Query& each : queries) {
    IZPO_CO_TRY(Rows rows, co_await query(each.statement, each.params));
    answers.push_back(std::move(rows));
  }
  co_return answers;
}

}  // namespace izpo::sql
