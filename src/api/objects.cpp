#include "api/objects.hpp"

#include <algorithm>
#include <utility>

namespace izpo::api {

UserJson user_json(User user, std::optional<UserId> viewer) {
  const bool own = viewer == user.id;
  return {.id = user.id,
          .username = std::move(user.username),
          .email = own ? std::optional(std::move(user.email)) : std::nullopt,
          .full_name = std::move(user.full_name),
          .is_active = user.is_active,
          .created_at = user.created_at,
          .updated_at = user.updated_at};
}

std::vector<UserJson> users_json(std::vector<User> users, std::optional<UserId> viewer) {
  std::vector<UserJson> shown;
  shown.reserve(users.size());
  for (User& user : users) shown.push_back(user_json(std::move(user), viewer));
  return shown;
}

RoomBriefJson room_brief_json(Room room, User owner, std::optional<UserId> viewer) {
  return {.id = room.id,
          .name = std::move(room.name),
          .description = std::move(room.description),
          .is_private = room.is_private,
          .owner_id = room.owner,
          .created_at = room.created_at,
          .updated_at = room.updated_at,
          .owner = user_json(std::move(owner), viewer)};
}

RoomJson room_json(services::RoomView view, std::optional<UserId> viewer) {
  Room& room = view.room;
  RoomJson json{.id = room.id,
                .name = std::move(room.name),
                .description = std::move(room.description),
                .is_private = room.is_private,
                .owner_id = room.owner,
                .created_at = room.created_at,
                .updated_at = room.updated_at,
                .owner = user_json(std::move(view.owner), viewer),
                .members = {},  // below: their number is needed before they are moved
                .member_count = view.member_count,
                .members_truncated = view.member_count > std::ssize(view.members),
                .is_member = view.is_member};
  json.members = users_json(std::move(view.members), viewer);
  return json;
}

FileJson file_json(File file, UserJson uploader, const Links& links) {
  std::string url = links.of(file);
  const auto smaller = [&url, has_any = links.files.has_thumbnails(file)](int side) {
    return has_any ? std::optional(thumbnail_link(url, side)) : std::nullopt;
  };
  auto thumbnail_url = smaller(kThumbnailSide);
  auto preview_url = smaller(kPreviewSide);
  const auto size = file.image_size;
  return {.id = file.id,
          .original_filename = std::move(file.original_filename),
          .stored_filename = std::move(file.stored_filename),
          .file_size = file.size,
          .content_type = std::move(file.content_type),
          .public_url = std::move(url),
          .uploader_id = file.uploader,
          .uploaded_at = file.uploaded_at,
          .uploader = std::move(uploader),
          .width = size ? std::optional(size->width) : std::nullopt,
          .height = size ? std::optional(size->height) : std::nullopt,
          .thumbnail_url = std::move(thumbnail_url),
          .preview_url = std::move(preview_url)};
}

MessageJson message_json(Message message, User sender, std::optional<File> file,
                         schema::Encoded<RoomBriefJson> room, UserId viewer, const Links& links) {
  UserJson sender_json = user_json(std::move(sender), viewer);
  // Only its sender can put a file in a message, and only an own one: the sender is the uploader.
  const bool file_deleted = message.file && !file;
  std::optional<FileJson> shown;
  if (file) shown = file_json(std::move(*file), sender_json, links);
  const Seq change_seq = std::max(message.seq, message.change_seq);
  return {.id = message.id,
          .seq = message.seq,
          .client_id = std::move(message.client_id),
          .content = std::move(message.content),
          .sender_id = message.sender,
          .room_id = message.room,
          .file_id = message.file,
          .created_at = message.created_at,
          .sender = std::move(sender_json),
          .room = std::move(room),
          .file = std::move(shown),
          .file_deleted = file_deleted,
          .change_seq = change_seq};
}

}  // namespace izpo::api
