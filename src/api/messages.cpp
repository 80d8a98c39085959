#include <algorithm>

#include "api/objects.hpp"
#include "api/pages.hpp"
#include "api/room_path.hpp"
#include "api/routes.hpp"
#include "domain/text.hpp"

namespace izpo::api {

namespace {

struct MessageDraftJson {
  std::optional<std::string> content;
  std::optional<FileId> file_id;
  std::optional<RoomId> room_id;
  std::optional<std::string> client_id;

  static constexpr std::string_view kName = "MessageDraft";
  static constexpr std::array kRules{
      schema::Rule{
          .field = "content",
          .description = "1 to 10,000 code points after trimming. Beside a file it may be empty or missing.",
          .example = R"("¡Hola a todos!")"},
      schema::Rule{.field = "file_id", .description = "A file that you uploaded."},
      schema::Rule{.field = "room_id", .description = "Not looked at: the path names the room."},
      schema::Rule{.field = "client_id",
                   .description =
                       "Your own name for the message, at most 64 characters. Sent again, it gives the "
                       "first message back instead of a second one.",
                   .example = R"("a3f1c2")"}};
};
BOOST_DESCRIBE_STRUCT(MessageDraftJson, (), (content, file_id, room_id, client_id))

// A rule that the message broke, told as one of the field it is about.
Error about_field(Error error) {
  const auto blame = [&](const char* field, std::string type, std::string argument) {
    error.fields.push_back({{"body", field}, std::move(type), std::move(argument)});
  };
  if (error.reason == reason::kEmptyMessage) blame("content", "string_too_short", "1");
  if (error.reason == reason::kMessageTooLong)
    blame("content", "string_too_long", std::to_string(kMaxMessage));
  if (error.reason == reason::kInvalidText) blame("content", "value_error", std::string(rule::kText));
  if (error.reason == reason::kInvalidClientId)
    blame("client_id", "string_too_long", std::to_string(kMaxClientId));
  return error;
}

// The room that an answer's messages share.
Task<Result<schema::Encoded<RoomBriefJson>>> brief_of(Call& call, Room room) {
  const Principal& caller = *call.caller;
  User owner = caller.user;
  if (room.owner != owner.id) {
    IZPO_CO_TRY(owner, co_await call.services.accounts.get(room.owner));
  }
  co_return schema::encoded(room_brief_json(std::move(room), std::move(owner), call.viewer()));
}

Task<Result<std::vector<MessageJson>>> history(Call& call, Path<RoomPath> path,
                                               Parameters<HistoryParameters> parameters) {
  IZPO_CO_TRY(const auto page, page_of(parameters.value));
  IZPO_CO_TRY(auto found, co_await call.services.messages.history(*call.caller, path->id, page));
  IZPO_CO_TRY(const auto room, co_await brief_of(call, std::move(found.room)));
  const Links links = call.links();
  std::vector<MessageJson> shown;
  shown.reserve(found.messages.size());
  for (StoredMessage& stored : found.messages) {
    shown.push_back(message_json(std::move(stored.message), std::move(stored.sender), std::move(stored.file),
                                 room, call.caller->user.id, links));
  }
  co_return shown;
}

Task<Result<MessageJson>> post(Call& call, Path<RoomPath> path, Body<MessageDraftJson> body) {
  if (!body->content && !body->file_id) {
    Error error(reason::kValidation);
    error.fields.push_back({{"body", "content"}, "missing", ""});
    co_return fail(std::move(error));
  }
  auto posted = co_await call.services.messages.post(*call.caller, path->id,
                                                     {.content = std::move(body->content).value_or(""),
                                                      .file = body->file_id,
                                                      .client_id = std::move(body->client_id)});
  if (!posted) co_return fail(about_field(std::move(posted).error()));
  AppendedMessage& appended = posted->appended;
  if (appended.repeat) call.status = 200;
  IZPO_CO_TRY(const auto room, co_await brief_of(call, std::move(posted->room)));
  co_return message_json(std::move(appended.message), call.caller->user, std::move(appended.file), room,
                         call.caller->user.id, call.links());
}

}  // namespace

void add_messages(Routes& routes) {
  routes.add(Method::kGet, "/api/rooms/{id}/messages",
             {.name = "history",
              .tag = "messages",
              .summary = "The messages of a room, newest first",
              .description = "With `after` or `after_seq`: the oldest above it first.",
              .errors = {reason::kInvalidRoomId, reason::kRoomNotFound}},
             history);
  routes.add(
      Method::kPost, "/api/rooms/{id}/messages",
      {.name = "post_message",
       .tag = "messages",
       .summary = "Write a message",
       .description = "It is on disk when the answer comes, and on its way to every socket of the room. In a "
                      "public room it makes you a member. 200 when the `client_id` was there already.",
       .status = 201,
       .other_status = 200,
       .errors = {reason::kInvalidRoomId, reason::kRoomNotFound, reason::kRemovedFromRoom,
                  reason::kFileNotFound, reason::kClientIdConflict, reason::kEmptyMessage,
                  reason::kMessageTooLong, reason::kInvalidText, reason::kInvalidClientId,
                  reason::kRateLimited}},
      post);
}

}  // namespace izpo::api
