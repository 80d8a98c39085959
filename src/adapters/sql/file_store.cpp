#include "adapters/sql/file_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/paging.hpp"
#include "domain/reasons.hpp"

namespace izpo::sql {
namespace {

// Changes nothing, and holds the uploader's row: two files that come at once are counted one after the other.
constexpr Statement kHoldUploader("UPDATE users SET is_active = is_active WHERE id = $1 RETURNING id");
constexpr Statement kInsert(
    "INSERT INTO file_uploads (original_filename, stored_filename, file_size, content_type, public_url, "
    "uploader_id, uploaded_at, blob, digest, width, height) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id");
constexpr Statement kFind("SELECT ", kFileColumns,
                          " FROM file_uploads f WHERE f.id = $1 AND f.deleted_at IS NULL");
constexpr Statement kPostedTo(
    "SELECT m.id FROM messages m JOIN rooms r ON r.id = m.room_id "
    "LEFT JOIN user_rooms p ON p.room_id = r.id AND p.user_id = $2 AND p.removed_at IS NULL "
    "WHERE m.file_id = $1 AND NOT r.is_removed AND (NOT r.is_private OR p.user_id IS NOT NULL) LIMIT 1");
constexpr PagedList kListOf("f.id", "SELECT ", kFileColumns,
                            " FROM file_uploads f WHERE f.uploader_id = $5 AND f.deleted_at IS NULL");
constexpr Statement kUsage(
    "SELECT COALESCE(SUM(file_size), 0), COUNT(*) FROM file_uploads "
    "WHERE uploader_id = $1 AND deleted_at IS NULL");
constexpr Statement kRemove(
    "UPDATE file_uploads SET deleted_at = $3 WHERE id = $1 AND uploader_id = $2 AND deleted_at IS NULL "
    "RETURNING id");
// By id, as a batch of messages takes its rooms: so that two that take numbers wait for each other in one
// order.
constexpr Statement kRoomsWith("SELECT DISTINCT room_id FROM messages WHERE file_id = $1 ORDER BY room_id");
// Changes nothing, and holds the room: nobody else takes its numbers, or posts in it, until this ends.
constexpr Statement kHoldRoom(
    "UPDATE rooms SET last_seq = last_seq WHERE id = $1 AND NOT is_removed RETURNING last_seq");
constexpr Statement kTakeNumbers("UPDATE rooms SET last_seq = last_seq + $2 WHERE id = $1");
constexpr Statement kChange(
    "UPDATE messages SET change_seq = numbered.number FROM ("
    "SELECT m.id, $3 + ROW_NUMBER() OVER (ORDER BY m.seq) AS number FROM messages m "
    "WHERE m.file_id = $1 AND m.room_id = $2) AS numbered WHERE messages.id = numbered.id");
constexpr Statement kChanged("SELECT ", kMessageColumns, ", ", kUserColumns, ", ", kFileColumns, kStoredJoins,
                             "m.file_id = $1 AND m.room_id = $2 ORDER BY m.change_seq");
constexpr Statement kReferenced(
    "SELECT id FROM file_uploads WHERE blob = $1 AND (deleted_at IS NULL OR deleted_at > $2) LIMIT 1");

std::optional<std::string_view> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

Task<Result<FileUsage>> read_usage(Session& session, UserId uploader) {
  IZPO_CO_TRY(const Rows rows, co_await session.query(kUsage, {uploader}));
  Row row = rows.row(0);
  const std::int64_t bytes = row.integer();
  co_return FileUsage{.bytes = bytes, .files = row.integer()};
}

RoomId read_room_id(Row& row) {
  return row.id<RoomId>();
}

// Gives each message of the room that has the file the room's next number. A room that is gone has none.
Task<Result<std::vector<StoredMessage>>> change_messages(Session& session, FileId file, RoomId room) {
  IZPO_CO_TRY(const Rows held, co_await session.query(kHoldRoom, {room}));
  if (held.empty()) co_return std::vector<StoredMessage>{};
  IZPO_CO_CHECK(co_await session.query(kChange, {file, room, held.row(0).id<Seq>()}));
  IZPO_CO_TRY(const Rows rows, co_await session.query(kChanged, {file, room}));
  IZPO_CO_CHECK(co_await session.query(kTakeNumbers, {room, std::int64_t(rows.size())}));
  co_return read_all(rows, read_stored);
}

}  // namespace

Task<Result<File>> FileStore::create(File file, std::optional<std::int64_t> quota) {
  co_return co_await database_.write([&](Session& session) -> Task<Result<File>> {
    IZPO_CO_TRY(const Rows held, co_await session.query(kHoldUploader, {file.uploader}));
    if (held.empty()) co_return fail(reason::kUserNotFound);
    if (quota) {
      IZPO_CO_TRY(const FileUsage usage, co_await read_usage(session, file.uploader));
      if (usage.bytes + file.size > *quota) co_return fail(quota_exceeded(*quota, usage.bytes));
    }
    const auto width = file.image_size ? std::optional(file.image_size->width) : std::nullopt;
    const auto height = file.image_size ? std::optional(file.image_size->height) : std::nullopt;
    IZPO_CO_TRY(
        const Rows rows,
        co_await session.query(kInsert, {file.original_filename, file.stored_filename, file.size,
                                         file.content_type, file.public_url, file.uploader, file.uploaded_at,
                                         text_or_null(file.blob), text_or_null(file.digest), width, height}));
    File stored = file;
    stored.id = rows.row(0).id<FileId>();
    co_return stored;
  });
}

Task<Result<std::optional<File>>> FileStore::find(FileId id) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<std::optional<File>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kFind, {id}));
    co_return read_first(rows, read_file);
  });
}

Task<Result<bool>> FileStore::is_posted_to(UserId reader, FileId id) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<bool>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kPostedTo, {id, reader}));
    co_return !rows.empty();
  });
}

Task<Result<std::vector<File>>> FileStore::list_of(UserId uploader, Page page) {
  co_return co_await database_.read([=](Session& session) -> Task<Result<std::vector<File>>> {
    IZPO_CO_TRY(const Rows rows,
                co_await session.query(kListOf.statement(page), page_params(page, uploader)));
    co_return read_all(rows, read_file);
  });
}

Task<Result<FileUsage>> FileStore::usage_of(UserId uploader) {
  co_return co_await database_.read(
      [=](Session& session) -> Task<Result<FileUsage>> { co_return co_await read_usage(session, uploader); });
}

Task<Result<std::vector<StoredMessage>>> FileStore::remove(FileId id, UserId uploader, Timestamp now) {
  co_return co_await database_.write([=](Session& session) -> Task<Result<std::vector<StoredMessage>>> {
    IZPO_CO_TRY(const Rows rows, co_await session.query(kRemove, {id, uploader, now}));
    if (rows.empty()) co_return fail(reason::kFileNotFound);
    std::vector<StoredMessage> changed;
    IZPO_CO_TRY(const Rows rooms, co_await session.query(kRoomsWith, {id}));
    for (const RoomId room : read_all(rooms, read_room_id)) {
      IZPO_CO_TRY(auto messages, co_await change_messages(session, id, room));
      std::ranges::move(messages, std::back_inserter(changed));
    }
    co_return changed;
  });
}

Task<Result<std::vector<std::string>>> FileStore::unreferenced(std::vector<std::string> blobs,
                                                               Timestamp since) {
  co_return co_await database_.read([&](Session& session) -> Task<Result<std::vector<std::string>>> {
    std::vector<std::string> free;
    for (const std::string& blob : blobs) {
      IZPO_CO_TRY(const Rows rows, co_await session.query(kReferenced, {blob, since}));
      if (rows.empty()) free.push_back(blob);
    }
    co_return free;
  });
}

}  // namespace izpo::sql
