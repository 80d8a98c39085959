#pragma once

#include <string_view>

#include "adapters/sql/rows.hpp"
#include "domain/file.hpp"
#include "domain/message.hpp"
#include "domain/room.hpp"
#include "domain/user.hpp"
#include "ports/message_store.hpp"

namespace izpo::sql {

// The columns of each entity and the function that reads them, in the same order. The table's alias in the
// statement is the one letter used here.

inline constexpr std::string_view kUserColumns =
    "u.id, u.username, u.email, u.full_name, u.is_active, u.created_at, u.updated_at";
User read_user(Row& row);

inline constexpr std::string_view kUserReturning =
    " RETURNING id, username, email, full_name, is_active, created_at, updated_at";

inline constexpr std::string_view kRoomColumns =
    "r.id, r.name, r.description, r.is_private, r.owner_id, r.last_seq, r.created_at, r.updated_at";
Room read_room(Row& row);

inline constexpr std::string_view kRoomReturning =
    " RETURNING id, name, description, is_private, owner_id, last_seq, created_at, updated_at";

inline constexpr std::string_view kFileColumns =
    "f.id, f.original_filename, f.stored_filename, f.file_size, f.content_type, f.public_url, f.uploader_id, "
    "f.uploaded_at, f.blob, f.digest, f.width, f.height";
File read_file(Row& row);

inline constexpr std::string_view kMessageColumns =
    "m.id, m.room_id, m.sender_id, m.seq, m.content, m.client_id, m.file_id, m.created_at, m.change_seq";
Message read_message(Row& row);

// A message with its sender and its file, after kMessageColumns, kUserColumns and kFileColumns. A file that
// was deleted keeps its row and is read as none.
inline constexpr std::string_view kStoredJoins =
    " FROM messages m JOIN users u ON u.id = m.sender_id "
    "LEFT JOIN file_uploads f ON f.id = m.file_id AND f.deleted_at IS NULL WHERE ";
StoredMessage read_stored(Row& row);

}  // namespace izpo::sql
