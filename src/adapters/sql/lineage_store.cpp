#include "adapters/sql/lineage_store.hpp"

namespace izpo::sql {
namespace {

constexpr Statement kEpoch("SELECT epoch FROM installation");

}  // namespace

Task<Result<std::string>> LineageStore::epoch() {
  co_return co_await database_.read([](Session& session) -> Task<Result<std::string>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kEpoch, {}));
    co_return rows.row(0).text();
  });
}

}  // namespace izpo::sql
