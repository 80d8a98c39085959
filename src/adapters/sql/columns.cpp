#include "adapters/sql/columns.hpp"

namespace izpo::sql {

namespace {

std::optional<ImageSize> read_image_size(Row& row) {
  const auto width = row.optional_integer();
  const auto height = row.optional_integer();
  return width && height ? std::optional(ImageSize{.width = *width, .height = *height}) : std::nullopt;
}

}  // namespace

// Braced initialisers are evaluated in the order written, which is the columns' order.

User read_user(Row& row) {
  return {.id = row.id<UserId>(),
          .username = row.text(),
          .email = row.text(),
          .full_name = row.optional_text(),
          .is_active = row.flag(),
          .created_at = row.time(),
          .updated_at = row.optional_time()};
}

Room read_room(Row& row) {
  return {.id = row.id<RoomId>(),
          .name = row.text(),
          .description = row.optional_text(),
          .is_private = row.flag(),
          .owner = row.id<UserId>(),
          .last_seq = row.id<Seq>(),
          .created_at = row.time(),
          .updated_at = row.optional_time()};
}

File read_file(Row& row) {
  return {.id = row.id<FileId>(),
          .original_filename = row.text(),
          .stored_filename = row.text(),
          .size = row.integer(),
          .content_type = row.text(),
          .public_url = row.text(),
          .uploader = row.id<UserId>(),
          .uploaded_at = row.time(),
          .blob = row.optional_text().value_or(""),
          .digest = row.optional_text().value_or(""),
          .image_size = read_image_size(row)};
}

Message read_message(Row& row) {
  return {.id = row.id<MessageId>(),
          .room = row.id<RoomId>(),
          .sender = row.id<UserId>(),
          .seq = row.id<Seq>(),
          .content = row.text(),
          .client_id = row.optional_text(),
          .file = row.optional_id<FileId>(),
          .created_at = row.time(),
          .change_seq = row.id<Seq>()};
}

StoredMessage read_stored(Row& row) {
  StoredMessage stored{.message = read_message(row), .sender = read_user(row), .file = std::nullopt};
  if (!row.next_is_null()) stored.file = read_file(row);
  return stored;
}

}  // namespace izpo::sql
