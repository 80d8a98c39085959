#include "api/objects.hpp"
#include "api/pages.hpp"
#include "api/room_path.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"

namespace izpo::api {

namespace {

struct NewMemberJson {
  std::optional<UserId> user_id;
  std::optional<std::string> username;

  static constexpr std::string_view kName = "NewMember";
  static constexpr std::array kRules{
      schema::Rule{.field = "user_id", .description = "This or `username`.", .example = "8"},
      schema::Rule{.field = "username", .description = "This or `user_id`."}};
};
BOOST_DESCRIBE_STRUCT(NewMemberJson, (), (user_id, username))

struct MemberPath {
  RoomId id;
  UserId user_id;
};
BOOST_DESCRIBE_STRUCT(MemberPath, (), (id, user_id))

struct MembershipJson {
  std::string message;
  RoomId room_id;

  static constexpr std::string_view kName = "Membership";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "message", .example = R"("Te has unido a la sala exitosamente")"},
      schema::Rule{.field = "room_id", .example = "3"}};
};
BOOST_DESCRIBE_STRUCT(MembershipJson, (), (message, room_id))

using MemberPage = PageParameters<kDefaultPage>;

Task<Result<MembershipJson>> join(Call& call, Path<RoomPath> path) {
  IZPO_CO_TRY(const auto outcome, co_await call.services.rooms.join(*call.caller, path->id));
  const Phrase phrase = outcome == JoinOutcome::kJoined ? Phrase::kJoined : Phrase::kAlreadyMember;
  co_return MembershipJson{.message = std::string(sentence(phrase, call.language)), .room_id = path->id};
}

Task<Result<MembershipJson>> leave(Call& call, Path<RoomPath> path) {
  IZPO_CO_CHECK(co_await call.services.rooms.leave(*call.caller, path->id));
  co_return MembershipJson{.message = std::string(sentence(Phrase::kLeft, call.language)),
                           .room_id = path->id};
}

Task<Result<std::vector<UserJson>>> list_members(Call& call, Path<RoomPath> path,
                                                 Parameters<MemberPage> parameters) {
  IZPO_CO_TRY(const auto page, page_of(parameters.value));
  IZPO_CO_TRY(auto members, co_await call.services.rooms.members(*call.caller, path->id, page));
  co_return users_json(std::move(members), call.viewer());
}

Task<Result<UserJson>> add_member(Call& call, Path<RoomPath> path, Body<NewMemberJson> body) {
  const bool by_id = body->user_id.has_value();
  if (by_id == body->username.has_value()) {
    Error error(reason::kValidation);
    error.fields.push_back(
        {{"body", "user_id"}, by_id ? "value_error" : "missing", by_id ? "one_of_user_id_and_username" : ""});
    co_return fail(std::move(error));
  }
  IZPO_CO_TRY(auto user, co_await call.services.rooms.add_member(*call.caller, path->id, body->user_id,
                                                                 std::move(body->username)));
  co_return user_json(std::move(user), call.viewer());
}

Task<Result<NoticeJson>> remove_member(Call& call, Path<MemberPath> path) {
  IZPO_CO_CHECK(co_await call.services.rooms.remove_member(*call.caller, path->id, path->user_id));
  co_return NoticeJson{std::string(sentence(Phrase::kMemberRemoved, call.language))};
}

}  // namespace

void add_members(Routes& routes) {
  routes.add(Method::kPost, "/api/rooms/{id}/join",
             {.name = "join_room",
              .tag = "members",
              .summary = "Join a public room",
              .description = "It is no error to be in it already.",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kRemovedFromRoom}},
             join);
  routes.add(Method::kPost, "/api/rooms/{id}/leave",
             {.name = "leave_room",
              .tag = "members",
              .summary = "Leave a room",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kOwnerCannotLeave,
                         reason::kNotMember}},
             leave);
  routes.add(Method::kGet, "/api/rooms/{id}/members",
             {.name = "list_members",
              .tag = "members",
              .summary = "The members of a room",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound}},
             list_members);
  routes.add(
      Method::kPost, "/api/rooms/{id}/members",
      {.name = "add_member",
       .tag = "members",
       .summary = "Add somebody to a room",
       .description = "For its owner. Also lets somebody back in who was removed.",
       .status = 201,
       .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kNotOwner, reason::kUserNotFound}},
      add_member);
  routes.add(Method::kDelete, "/api/rooms/{id}/members/{user_id}",
             {.name = "remove_member",
              .tag = "members",
              .summary = "Remove somebody from a room",
              .description = "For its owner. The user's sockets in the room close with 4403, and the room "
                             "cannot be joined again without being added.",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kNotOwner,
                         reason::kOwnerCannotBeRemoved, reason::kUserNotFound}},
             remove_member);
}

}  // namespace izpo::api
