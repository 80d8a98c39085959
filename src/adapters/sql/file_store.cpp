#include "adapters/sql/file_store.hpp"

#include "adapters/sql/columns.hpp"
#include "adapters/sql/paging.hpp"

namespace izpo::sql {
namespace {

constexpr PagedList kListOf("f.id", "SELECT ", kFileColumns,
                            " FROM file_uploads f WHERE f.uploader_id = $5 AND f.deleted_at IS NULL");

}  // namespace

Task<Result<std::vector<File>>> FileStore::list_of(UserId uploader, Page page) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<std::vector<File>>> {
    IZPO_CO_TRY(const Rows rows,
                co_await session.query(kListOf.statement(page), page_params(page, uploader)));
    co_return read_all(rows, read_file);
  });
}

}  // namespace izpo::sql
