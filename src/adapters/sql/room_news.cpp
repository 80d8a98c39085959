#include "adapters/sql/room_news.hpp"

namespace izpo::sql {
namespace {

constexpr Statement kTell("INSERT INTO room_news (node, room_id, user_id) VALUES ($1, $2, $3)");
constexpr Statement kAfter(
    "SELECT id, room_id, user_id FROM room_news WHERE id > $1 AND node <> $2 ORDER BY id");
constexpr Statement kLast("SELECT coalesce(max(id), 0) FROM room_news");
constexpr Statement kPurge("DELETE FROM room_news WHERE id <= $1");

RoomNews read_news(Row& row) {
  RoomNews news{.number = row.integer(), .room = row.id<RoomId>(), .user = std::nullopt};
  if (!row.next_is_null()) news.user = row.id<UserId>();
  return news;
}

}  // namespace

Task<Result<void>> tell_others(Session& session, Node node, RoomId room, std::optional<UserId> user) {
  if (node.id != 0) IZPO_CO_CHECK(co_await session.query(kTell, {node.id, room, user}));
  co_return Result<void>();
}

Task<Result<std::vector<RoomNews>>> RoomNewsStore::after(std::int64_t number) {
  co_return co_await database_.read([=, this](Session& session) -> Task<Result<std::vector<RoomNews>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kAfter, {number, node_.id}));
    co_return read_all(rows, read_news);
  });
}

Task<Result<std::int64_t>> RoomNewsStore::last() {
  co_return co_await database_.read([](Session& session) -> Task<Result<std::int64_t>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kLast, {}));
    co_return rows.row(0).integer();
  });
}

Task<Result<void>> RoomNewsStore::purge(std::int64_t number) {
  co_return co_await database_.write([=](Session& session) -> Task<Result<void>> {
    IZPO_CO_CHECK(co_await session.query(kPurge, {number}));
    co_return Result<void>();
  });
}

}  // namespace izpo::sql
