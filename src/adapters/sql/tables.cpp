#include "adapters/sql/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace izpo::sql {
namespace {

using enum ColumnKind;

constexpr Column kInstallation[] = {{"only_row", kInteger}, {"epoch", kText}};

constexpr Column kUsers[] = {
    {"id", kNumber},      {"username", kText},   {"username_key", kText},    {"username_skeleton", kText},
    {"email", kText},     {"email_key", kText},  {"hashed_password", kText}, {"full_name", kText},
    {"is_active", kFlag}, {"created_at", kTime}, {"updated_at", kTime},
};

constexpr Column kSessions[] = {
    {"id", kNumber}, {"user_id", kNumber}, {"created_at", kTime}, {"expires_at", kTime}, {"ended_at", kTime},
};

constexpr Column kRefreshTokens[] = {{"token_hash", kBytes}, {"session_id", kNumber}, {"used_at", kTime}};

constexpr Column kRooms[] = {
    {"id", kNumber},       {"name", kText},       {"description", kText},
    {"is_private", kFlag}, {"owner_id", kNumber}, {"last_seq", kNumber},
    {"created_at", kTime}, {"updated_at", kTime}, {"is_removed", kFlag},
};

constexpr Column kUserRooms[] = {
    {"room_id", kNumber},
    {"user_id", kNumber},
    {"joined_at", kTime},
    {"removed_at", kTime},
};

constexpr Column kFileUploads[] = {
    {"id", kNumber},
    {"original_filename", kText},
    {"stored_filename", kText},
    {"file_size", kNumber},
    {"content_type", kText},
    {"public_url", kText},
    {"uploader_id", kNumber},
    {"uploaded_at", kTime},
    {"deleted_at", kTime},
    {"blob", kText},
    {"digest", kText},
    {"width", kNumber},
    {"height", kNumber},
};

constexpr Column kMessages[] = {
    {"id", kNumber},      {"room_id", kNumber},    {"sender_id", kNumber},
    {"seq", kNumber},     {"change_seq", kNumber}, {"created_at", kTime},
    {"file_id", kNumber}, {"client_id", kText},    {"content", kText},
};

constexpr Column kRoomNews[] = {
    {"id", kNumber}, {"node", kNumber}, {"room_id", kNumber}, {"user_id", kNumber}};

constexpr Table kTables[] = {
    {.name = "installation", .rows = "installation", .key = "only_row", .columns = kInstallation},
    {.name = "users", .rows = "users", .key = "id", .draws_ids = true, .columns = kUsers},
    {.name = "sessions", .rows = "logins", .key = "id", .draws_ids = true, .columns = kSessions},
    {.name = "refresh_tokens", .rows = "refresh tokens", .key = "token_hash", .columns = kRefreshTokens},
    {.name = "rooms", .rows = "rooms", .key = "id", .draws_ids = true, .columns = kRooms},
    {.name = "user_rooms", .rows = "memberships", .key = "room_id, user_id", .columns = kUserRooms},
    {.name = "file_uploads", .rows = "files", .key = "id", .draws_ids = true, .columns = kFileUploads},
    {.name = "messages", .rows = "messages", .key = "id", .draws_ids = true, .columns = kMessages},
    {.name = "room_news", .rows = "news", .key = "id", .draws_ids = true, .columns = kRoomNews},
};

}  // namespace

std::span<const Table> all_tables() {
  return kTables;
}

std::string columns_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool is_data(const Table& table) {
  return table.name != "installation" && table.name != "room_news";
}

}  // namespace izpo::sql
