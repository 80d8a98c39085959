#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "adapters/sql/statement.hpp"
#include "adapters/sql/value.hpp"
#include "ports/page.hpp"

namespace izpo::sql {

// A list ordered by an id, as ports/page.hpp cuts it. The page takes $1 to $4; what the list itself binds
// starts at $5. The bounds are always there, so that one statement serves every cursor and its index is used.
class PagedList {
 public:
  // `select` ends inside its WHERE, after a condition.
  template <class... Pieces>
  constexpr explicit PagedList(std::string_view id, const Pieces&... select)
      : ascending_(select..., " AND ", id, " > $1 AND ", id, " < $2 ORDER BY ", id,
                   " ASC LIMIT $3 OFFSET $4"),
        descending_(select..., " AND ", id, " > $1 AND ", id, " < $2 ORDER BY ", id,
                    " DESC LIMIT $3 OFFSET $4") {}

  const Statement& statement(const Page& page) const {
    return page.before && !page.after ? descending_ : ascending_;
  }

 private:
  Statement ascending_;
  Statement descending_;
};

inline constexpr std::int64_t kLowestId = -1;
inline constexpr std::int64_t kHighestId = std::numeric_limits<std::int64_t>::max();

template <class... Own>
Params page_params(const Page& page, const Own&... own) {
  return {page.after.value_or(kLowestId), page.before.value_or(kHighestId), page.limit, page.skip, own...};
}

}  // namespace izpo::sql
