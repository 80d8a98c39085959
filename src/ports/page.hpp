#pragma once

#include <cstdint>
#include <optional>

#include "domain/ids.hpp"

namespace izpo {

inline constexpr std::int64_t kMaxPageSize = 200;

// A slice of a list ordered by id, ascending. `after` is the cheap way on; `skip` is for old clients, its
// cost grows with the rows skipped. Precondition: 0 < limit <= kMaxPageSize, skip >= 0.
struct Page {
  std::int64_t limit = 100;
  std::int64_t skip = 0;
  std::optional<std::int64_t> before = std::nullopt;  // ids below it: the highest of them first, descending
  std::optional<std::int64_t> after = std::nullopt;   // ids above it: the lowest of them first, ascending
};

// A slice of a room's history. With none of the cursors or with `before`: newest first. With `after` or
// `after_seq`: the oldest above it first, ascending. At most one cursor is set.
struct HistoryPage {
  std::int64_t limit = 50;
  std::int64_t skip = 0;
  std::optional<MessageId> before = std::nullopt;
  std::optional<MessageId> after = std::nullopt;
  std::optional<Seq> after_seq = std::nullopt;
};

}  // namespace izpo
