#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/links.hpp"
#include "api/schema.hpp"
#include "domain/file.hpp"
#include "domain/ids.hpp"
#include "domain/message.hpp"
#include "domain/room.hpp"
#include "domain/user.hpp"
#include "ports/message_store.hpp"
#include "services/rooms.hpp"

// What the answers show of people, rooms, messages and files.
namespace izpo::api {

struct UserJson {
  UserId id;
  std::string username;
  std::optional<std::string> email;
  std::optional<std::string> full_name;
  bool is_active = true;
  Timestamp created_at;
  std::optional<Timestamp> updated_at;

  static constexpr std::string_view kName = "User";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "id", .example = "7"},
      schema::Rule{.field = "username", .example = R"("marisol")"},
      schema::Rule{.field = "email",
                   .description = "Shown to its owner only; null to everybody else.",
                   .example = R"("marisol@example.org")"},
      schema::Rule{.field = "full_name", .example = R"("Marisol Inventada")"},
      schema::Rule{.field = "updated_at", .description = "Null until the first change."}};
};
BOOST_DESCRIBE_STRUCT(UserJson, (), (id, username, email, full_name, is_active, created_at, updated_at))

// The e-mail is shown only when `viewer` is the user.
UserJson user_json(User user, std::optional<UserId> viewer);

std::vector<UserJson> users_json(std::vector<User> users, std::optional<UserId> viewer);

// A room beside one of its messages: without its members.
struct RoomBriefJson {
  RoomId id;
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;
  UserId owner_id;
  Timestamp created_at;
  std::optional<Timestamp> updated_at;
  UserJson owner;

  static constexpr std::string_view kName = "RoomBrief";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{schema::Rule{.field = "id", .example = "3"},
                                     schema::Rule{.field = "name", .example = R"("Equipo azul")"},
                                     schema::Rule{.field = "owner_id", .example = "7"}};
};
BOOST_DESCRIBE_STRUCT(RoomBriefJson, (),
                      (id, name, description, is_private, owner_id, created_at, updated_at, owner))

RoomBriefJson room_brief_json(Room room, User owner, std::optional<UserId> viewer);

struct RoomJson {
  RoomId id;
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;
  UserId owner_id;
  Timestamp created_at;
  std::optional<Timestamp> updated_at;
  UserJson owner;
  std::vector<UserJson> members;
  std::int64_t member_count = 0;
  bool members_truncated = false;
  bool is_member = false;

  static constexpr std::string_view kName = "Room";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "id", .example = "3"},
      schema::Rule{.field = "name", .example = R"("Equipo azul")"},
      schema::Rule{.field = "owner_id", .example = "7"},
      schema::Rule{.field = "members",
                   .description = "By id. At most 100: the owner and the caller are always among them."},
      schema::Rule{.field = "member_count", .description = "Of all members, shown or not.", .example = "12"},
      schema::Rule{.field = "members_truncated", .description = "Whether `members` leaves some out."},
      schema::Rule{.field = "is_member", .description = "Whether the caller is a member."}};
};
BOOST_DESCRIBE_STRUCT(RoomJson, (),
                      (id, name, description, is_private, owner_id, created_at, updated_at, owner, members,
                       member_count, members_truncated, is_member))

RoomJson room_json(services::RoomView view, std::optional<UserId> viewer);

struct FileJson {
  FileId id;
  std::string original_filename;
  std::string stored_filename;
  std::int64_t file_size = 0;
  std::string content_type;
  std::string public_url;
  UserId uploader_id;
  Timestamp uploaded_at;
  UserJson uploader;
  std::optional<std::int64_t> width;
  std::optional<std::int64_t> height;
  std::optional<std::string> thumbnail_url;
  std::optional<std::string> preview_url;

  static constexpr std::string_view kName = "FileUpload";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "original_filename", .example = R"("plano.pdf")"},
      schema::Rule{.field = "file_size", .description = "Bytes.", .example = "48213"},
      schema::Rule{.field = "content_type", .example = R"("application/pdf")"},
      schema::Rule{
          .field = "public_url",
          .description = "Absolute, and good without a login, for a time: ask again for a fresh one.",
          .format = "uri"},
      schema::Rule{
          .field = "width", .description = "Of an image as it is shown, in pixels.", .example = "640"},
      schema::Rule{.field = "height", .example = "480"},
      schema::Rule{.field = "thumbnail_url",
                   .description =
                       "A WebP of at most 320 pixels on each side, linked like `public_url`; null: "
                       "there is none.",
                   .format = "uri"},
      schema::Rule{
          .field = "preview_url", .description = "The same with at most 1,280 pixels.", .format = "uri"}};
};
BOOST_DESCRIBE_STRUCT(FileJson, (),
                      (id, original_filename, stored_filename, file_size, content_type, public_url,
                       uploader_id, uploaded_at, uploader, width, height, thumbnail_url, preview_url))

FileJson file_json(File file, UserJson uploader, const Links& links);

struct MessageJson {
  MessageId id;
  Seq seq;
  std::optional<std::string> client_id;
  std::string content;
  UserId sender_id;
  RoomId room_id;
  std::optional<FileId> file_id;
  Timestamp created_at;
  UserJson sender;
  schema::Encoded<RoomBriefJson> room;  // one for all the messages of an answer
  std::optional<FileJson> file;
  bool file_deleted = false;
  Seq change_seq;

  static constexpr std::string_view kName = "Message";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "id", .description = "Grows over all rooms.", .example = "4711"},
      schema::Rule{.field = "seq",
                   .description = "The message's number in its room: 1, 2, 3 … without gaps between the "
                                  "changes of the room.",
                   .example = "128"},
      schema::Rule{.field = "client_id",
                   .description = "The sender's own name for the message.",
                   .example = R"("a3f1c2")"},
      schema::Rule{.field = "content", .example = R"("¡Hola a todos!")"},
      schema::Rule{.field = "file_deleted",
                   .description = "True when the file of `file_id` is there no more; `file` is null then."},
      schema::Rule{.field = "change_seq",
                   .description =
                       "The number that the message's latest change took in its room; `seq`, when it "
                       "never changed.",
                   .example = "128"}};
};
BOOST_DESCRIBE_STRUCT(MessageJson, (),
                      (id, seq, client_id, content, sender_id, room_id, file_id, created_at, sender, room,
                       file, file_deleted, change_seq))

MessageJson message_json(Message message, User sender, std::optional<File> file,
                         schema::Encoded<RoomBriefJson> room, UserId viewer, const Links& links);

// An answer that is a sentence, in the caller's language.
struct NoticeJson {
  std::string message;

  static constexpr std::string_view kName = "Notice";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "message", .example = R"("La sala se ha eliminado.")"}};
};
BOOST_DESCRIBE_STRUCT(NoticeJson, (), (message))

}  // namespace izpo::api
