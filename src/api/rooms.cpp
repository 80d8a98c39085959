#include "api/objects.hpp"
#include "api/pages.hpp"
#include "api/room_path.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"
#include "domain/text.hpp"

namespace izpo::api {

namespace {

struct RoomDraftJson {
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;

  static constexpr std::string_view kName = "RoomDraft";
  static constexpr std::array kRules{
      schema::Rule{.field = "name",
                   .example = R"("Equipo azul")",
                   .min_length = 1,
                   .max_length = kMaxRoomName,
                   .check = schema::checked_by<clean_room_name>},
      schema::Rule{.field = "description",
                   .example = R"("Lo que hacemos esta semana")",
                   .max_length = kMaxDescription,
                   .check = schema::checked_by<clean_description>},
      schema::Rule{.field = "is_private",
                   .description = "A private room does not exist for those who are not in it.",
                   .defaulted = true}};
};
BOOST_DESCRIBE_STRUCT(RoomDraftJson, (), (name, description, is_private))

struct RoomChangeJson {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<bool> is_private;

  static constexpr std::string_view kName = "RoomChange";
  static constexpr std::array kRules{schema::Rule{.field = "name",
                                                  .example = R"("Equipo azul")",
                                                  .min_length = 1,
                                                  .max_length = kMaxRoomName,
                                                  .check = schema::checked_by<clean_room_name>},
                                     schema::Rule{.field = "description",
                                                  .description = "An empty text takes the description away.",
                                                  .example = R"("Lo que hacemos esta semana")",
                                                  .max_length = kMaxDescription,
                                                  .check = schema::checked_by<clean_description>}};
};
BOOST_DESCRIBE_STRUCT(RoomChangeJson, (), (name, description, is_private))

struct NewOwnerJson {
  UserId user_id;

  static constexpr std::string_view kName = "NewOwner";
  static constexpr std::array kRules{
      schema::Rule{.field = "user_id", .description = "A member of the room.", .example = "8"}};
};
BOOST_DESCRIBE_STRUCT(NewOwnerJson, (), (user_id))

using RoomPage = PageParameters<kDefaultPage>;

std::vector<RoomJson> rooms_json(std::vector<services::RoomView> views, std::optional<UserId> viewer) {
  std::vector<RoomJson> shown;
  shown.reserve(views.size());
  for (auto& view : views) shown.push_back(room_json(std::move(view), viewer));
  return shown;
}

Task<Result<std::vector<RoomJson>>> list_rooms(Call& call, Parameters<RoomPage> parameters) {
  IZPO_CO_TRY(const auto page, page_of(parameters.value));
  IZPO_CO_TRY(auto rooms, co_await call.services.rooms.list_public(call.viewer(), page));
  co_return rooms_json(std::move(rooms), call.viewer());
}

Task<Result<std::vector<RoomJson>>> my_rooms(Call& call, Parameters<RoomPage> parameters) {
  IZPO_CO_TRY(const auto page, page_of(parameters.value));
  IZPO_CO_TRY(auto rooms, co_await call.services.rooms.list_mine(*call.caller, page));
  co_return rooms_json(std::move(rooms), call.viewer());
}

Task<Result<RoomJson>> create_room(Call& call, Body<RoomDraftJson> body) {
  IZPO_CO_TRY(auto room,
              co_await call.services.rooms.create(*call.caller, {.name = std::move(body->name),
                                                                 .description = std::move(body->description),
                                                                 .is_private = body->is_private}));
  co_return room_json(std::move(room), call.viewer());
}

Task<Result<RoomJson>> get_room(Call& call, Path<RoomPath> path) {
  IZPO_CO_TRY(auto room, co_await call.services.rooms.get(*call.caller, path->id));
  co_return room_json(std::move(room), call.viewer());
}

Task<Result<RoomJson>> change_room(Call& call, Path<RoomPath> path, Body<RoomChangeJson> body) {
  RoomChange change{.name = std::move(body->name), .description = {}, .is_private = body->is_private};
  if (body->description) change.description = std::move(body->description);
  IZPO_CO_TRY(auto room, co_await call.services.rooms.update(*call.caller, path->id, std::move(change)));
  co_return room_json(std::move(room), call.viewer());
}

Task<Result<NoticeJson>> delete_room(Call& call, Path<RoomPath> path) {
  IZPO_CO_CHECK(co_await call.services.rooms.remove(*call.caller, path->id));
  co_return NoticeJson{std::string(sentence(Phrase::kRoomDeleted, call.language))};
}

Task<Result<RoomJson>> hand_over(Call& call, Path<RoomPath> path, Body<NewOwnerJson> body) {
  IZPO_CO_TRY(auto room, co_await call.services.rooms.hand_over(*call.caller, path->id, body->user_id));
  co_return room_json(std::move(room), call.viewer());
}

}  // namespace

void add_rooms(Routes& routes) {
  routes.add(Method::kGet, "/api/rooms",
             {.name = "list_rooms", .tag = "rooms", .summary = "The public rooms", .auth = Auth::kOptional},
             list_rooms);
  routes.add(Method::kGet, "/api/users/me/rooms",
             {.name = "my_rooms", .tag = "rooms", .summary = "The rooms that you are in"}, my_rooms);
  routes.add(Method::kPost, "/api/rooms",
             {.name = "create_room",
              .tag = "rooms",
              .summary = "Make a room",
              .description = "You are its owner and its first member.",
              .status = 201},
             create_room);
  routes.add(Method::kGet, "/api/rooms/{id}",
             {.name = "get_room",
              .tag = "rooms",
              .summary = "A room",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound}},
             get_room);
  routes.add(Method::kPut, "/api/rooms/{id}",
             {.name = "change_room",
              .tag = "rooms",
              .summary = "Change a room",
              .description = "For its owner. What is missing or null stays as it is.",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kNotOwner}},
             change_room);
  routes.add(Method::kDelete, "/api/rooms/{id}",
             {.name = "delete_room",
              .tag = "rooms",
              .summary = "Delete a room with its history",
              .description = "For its owner. Its sockets close with 4404.",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kNotOwner}},
             delete_room);
  routes.add(
      Method::kPost, "/api/rooms/{id}/owner",
      {.name = "hand_over",
       .tag = "rooms",
       .summary = "Hand a room over to another member",
       .description = "For its owner, who stays a member.",
       .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kNotOwner, reason::kMemberNotFound}},
      hand_over);
}

}  // namespace izpo::api
