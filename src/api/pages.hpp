#pragma once

#include <cstdint>
#include <optional>

#include "api/schema.hpp"
#include "base/result.hpp"
#include "ports/page.hpp"

// The parameters that lists share.
namespace izpo::api {

inline constexpr std::int64_t kDefaultPage = 100;
inline constexpr std::int64_t kDefaultShortPage = 50;  // of messages and files

// ?skip=&limit=&before=&after= of a list by id. kLimit is what `limit` is when it is not given.
template <std::int64_t kLimit>
struct PageParameters {
  std::int64_t skip = 0;
  std::int64_t limit = kLimit;
  std::optional<std::int64_t> before;
  std::optional<std::int64_t> after;

  static constexpr std::array kRules{
      schema::Rule{
          .field = "skip",
          .description = "How many to leave out first. Its cost grows with the number: prefer the cursors.",
          .at_least = 0,
          .defaulted = true},
      schema::Rule{.field = "limit",
                   .description = "How many at most; above 200 it is taken as 200.",
                   .at_least = 1,
                   .defaulted = true},
      schema::Rule{.field = "before", .description = "Only ids below this one, the highest of them first."},
      schema::Rule{.field = "after", .description = "Only ids above this one, the lowest of them first."}};
  BOOST_DESCRIBE_CLASS(PageParameters, (), (skip, limit, before, after), (), ())
};

// Fails with kValidation when both cursors are given.
Result<Page> page_of(std::int64_t skip, std::int64_t limit, std::optional<std::int64_t> before,
                     std::optional<std::int64_t> after);

template <std::int64_t kLimit>
Result<Page> page_of(const PageParameters<kLimit>& given) {
  return page_of(given.skip, given.limit, given.before, given.after);
}

struct HistoryParameters {
  std::int64_t skip = 0;
  std::int64_t limit = kDefaultShortPage;
  std::optional<MessageId> before;
  std::optional<MessageId> after;
  std::optional<Seq> after_seq;

  static constexpr std::array kRules{
      schema::Rule{
          .field = "skip",
          .description = "How many to leave out first. Its cost grows with the number: prefer the cursors.",
          .at_least = 0,
          .defaulted = true},
      schema::Rule{.field = "limit",
                   .description = "How many at most; above 200 it is taken as 200.",
                   .at_least = 1,
                   .defaulted = true},
      schema::Rule{.field = "before",
                   .description = "Only messages with an id below this one, newest first."},
      schema::Rule{.field = "after", .description = "Only messages with an id above this one, oldest first."},
      schema::Rule{.field = "after_seq",
                   .description = "Only messages with a seq above this one, oldest first."}};
};
BOOST_DESCRIBE_STRUCT(HistoryParameters, (), (skip, limit, before, after, after_seq))

// Fails with kValidation when more than one cursor is given.
Result<HistoryPage> page_of(const HistoryParameters& given);

}  // namespace izpo::api
