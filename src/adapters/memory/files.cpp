#include "adapters/memory/files.hpp"

#include <algorithm>
#include <utility>

#include "adapters/memory/messages.hpp"
#include "adapters/memory/rooms.hpp"
#include "domain/reasons.hpp"

namespace izpo::memory {

FileUsage FileStore::usage(UserId uploader) const {
  FileUsage usage;
  for (const auto& [id, row] : data_.files) {
    if (row.deleted_at || row.file.uploader != uploader) continue;
    usage.bytes += row.file.size;
    ++usage.files;
  }
  return usage;
}

Task<Result<File>> FileStore::create(File file, std::optional<std::int64_t> quota) {
  const std::scoped_lock lock(data_.mutex);
  if (memory::find(data_.users, file.uploader) == nullptr) co_return fail(reason::kUserNotFound);
  const std::int64_t used = usage(file.uploader).bytes;
  if (quota && used + file.size > *quota) co_return fail(quota_exceeded(*quota, used));
  file.id = data_.next_id<FileId>();
  data_.files.try_emplace(file.id, FileRow{.file = file});
  co_return file;
}

Task<Result<std::optional<File>>> FileStore::find(FileId id) {
  const std::scoped_lock lock(data_.mutex);
  const FileRow* const row = memory::find(data_.files, id);
  co_return row == nullptr || row->deleted_at ? std::nullopt : std::optional(row->file);
}

Task<Result<bool>> FileStore::is_posted_to(UserId reader, FileId id) {
  const std::scoped_lock lock(data_.mutex);
  co_return std::ranges::any_of(data_.rooms, [&](const auto& entry) {
    const RoomRow& row = entry.second;
    const bool readable = !row.room.is_private || standing_of(row, reader) == Standing::kMember;
    return readable &&
           std::ranges::any_of(row.messages, [&](const Message& message) { return message.file == id; });
  });
}

Task<Result<std::vector<File>>> FileStore::list_of(UserId uploader, Page page) {
  const std::scoped_lock lock(data_.mutex);
  co_return page_of(data_.files, page, [uploader](FileId, const FileRow& row) {
    return row.deleted_at || row.file.uploader != uploader ? std::nullopt : std::optional(row.file);
  });
}

Task<Result<FileUsage>> FileStore::usage_of(UserId uploader) {
  const std::scoped_lock lock(data_.mutex);
  co_return usage(uploader);
}

Task<Result<std::vector<StoredMessage>>> FileStore::remove(FileId id, UserId uploader, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  FileRow* const row = memory::find(data_.files, id);
  if (row == nullptr || row->deleted_at || row->file.uploader != uploader)
    co_return fail(reason::kFileNotFound);
  row->deleted_at = now;
  std::vector<StoredMessage> changed;
  for (auto& [room_id, room] : data_.rooms) {
    for (Message& message : room.messages) {
      if (message.file != id) continue;
      room.room.last_seq = message.change_seq = Seq(room.room.last_seq.value + 1);
      changed.push_back(stored_message(data_, message));
    }
  }
  co_return changed;
}

Task<Result<std::vector<std::string>>> FileStore::unreferenced(std::vector<std::string> blobs,
                                                               Timestamp since) {
  const std::scoped_lock lock(data_.mutex);
  std::erase_if(blobs, [&](const std::string& blob) {
    return std::ranges::any_of(data_.files, [&](const auto& entry) {
      const FileRow& row = entry.second;
      return row.file.blob == blob && (!row.deleted_at || *row.deleted_at > since);
    });
  });
  co_return blobs;
}

}  // namespace izpo::memory
