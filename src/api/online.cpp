#include "api/routes.hpp"

namespace izpo::api {

namespace {

struct OnlinePath {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(OnlinePath, (), (room_id))

struct OnlineUserJson {
  UserId id;
  std::string username;
  std::optional<std::string> full_name;

  static constexpr std::string_view kName = "OnlineUser";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(OnlineUserJson, (), (id, username, full_name))

struct OnlineJson {
  RoomId room_id;
  std::vector<OnlineUserJson> online_users;
  std::int64_t count = 0;

  static constexpr std::string_view kName = "Online";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(OnlineJson, (), (room_id, online_users, count))

Task<Result<OnlineJson>> online(Call& call, Path<OnlinePath> path) {
  IZPO_CO_TRY(auto cards, co_await call.services.rooms.online(*call.caller, path->room_id));
  OnlineJson shown{.room_id = path->room_id, .online_users = {}, .count = std::ssize(cards)};
  shown.online_users.reserve(cards.size());
  for (UserCard& card : cards) {
    shown.online_users.push_back(
        {.id = card.id, .username = std::move(card.username), .full_name = std::move(card.full_name)});
  }
  co_return shown;
}

}  // namespace

void add_online(Routes& routes) {
  routes.add(Method::kGet, "/api/ws/rooms/{room_id}/online",
             {.name = "online",
              .tag = "socket",
              .summary = "Who has a socket open in a room",
              .token_in_query = true,
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound}},
             online);
}

}  // namespace izpo::api
