#include "adapters/sql/epoch.hpp"

namespace izpo::sql {
namespace {

constexpr Statement kBegin("UPDATE installation SET epoch = $1");

}  // namespace

Task<Result<void>> begin_epoch(Database& database, std::string epoch) {
  co_return co_await database.write([&epoch](Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await session.query(kBegin, {epoch}));
    co_return Result<void>{};
  });
}

}  // namespace izpo::sql
