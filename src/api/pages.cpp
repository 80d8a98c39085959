#include "api/pages.hpp"

#include <algorithm>

#include "domain/reasons.hpp"

namespace izpo::api {

namespace {

Result<void> only_one_cursor(std::initializer_list<std::pair<const char*, bool>> cursors) {
  const char* first = nullptr;
  for (const auto& [name, given] : cursors) {
    if (!given) continue;
    if (first != nullptr) {
      Error error(reason::kValidation);
      error.fields.push_back({{"query", name}, "value_error", "one_cursor"});
      return fail(std::move(error));
    }
    first = name;
  }
  return {};
}

}  // namespace

Result<Page> page_of(std::int64_t skip, std::int64_t limit, std::optional<std::int64_t> before,
                     std::optional<std::int64_t> after) {
  IZPO_CHECK(only_one_cursor({{"before", before.has_value()}, {"after", after.has_value()}}));
  return Page{.limit = std::min(limit, kMaxPageSize), .skip = skip, .before = before, .after = after};
}

Result<HistoryPage> page_of(const HistoryParameters& given) {
  IZPO_CHECK(only_one_cursor({{"before", given.before.has_value()},
                              {"after", given.after.has_value()},
                              {"after_seq", given.after_seq.has_value()}}));
  return HistoryPage{.limit = std::min(given.limit, kMaxPageSize),
                     .skip = given.skip,
                     .before = given.before,
                     .after = given.after,
                     .after_seq = given.after_seq};
}

}  // namespace izpo::api
