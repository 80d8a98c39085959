#include "adapters/sqlite/message_store.hpp"

#include <utility>

#include "adapters/sqlite/append_batch.hpp"

namespace izpo::sqlite {

Task<Result<std::vector<AppendOutcome>>> MessageStore::append(std::vector<PendingMessage> batch,
                                                              Timestamp now) {
  std::vector<AppendOutcome> outcomes;
  IZPO_CO_CHECK(co_await database_.write_directly([&](Connection& connection) -> Result<void> {
    IZPO_TRY(outcomes, AppendBatch(connection, now).run(std::move(batch)));
    return {};
  }));
  co_return outcomes;
}

}  // namespace izpo::sqlite
