#include "services/files.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/file_type.hpp"
#include "domain/reasons.hpp"
#include "domain/text.hpp"
#include "wire/image_size.hpp"

namespace izpo::services {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kKnownFor{5};
constexpr std::size_t kCollectedAtOnce = 999;  // with one more, a page of Google's

Error named_error(Reason reason, const std::string& filename) {
  Error error(reason);
  error.details.push_back({"filename", filename});
  return error;
}

// The first bytes, and whether there are more.
struct Head {
  std::string bytes;
  bool whole = false;
};

Task<Result<Head>> read_head(FileSource& source) {
  Head head;
  while (head.bytes.size() < kSniffedBytes) {
    IZPO_CO_TRY(const std::string_view piece, co_await source.next());
    if (piece.empty()) {
      head.whole = true;
      break;
    }
    if (head.bytes.empty()) head.bytes.reserve(std::min(2 * piece.size(), kSniffedBytes + piece.size()));
    head.bytes += piece;
  }
  co_return head;
}

// What a source has ready, as long as the file may grow: `left` bytes, below 0 afterwards if it has more.
class ReadyPieces final : public ReadyBytes {
 public:
  ReadyPieces(FileSource& source, std::int64_t& left) : source_(source), left_(left) {}

  std::string_view next() override {
    if (left_ < 0) return {};
    const std::string_view piece = source_.next_ready();
    left_ -= std::ssize(piece);
    return left_ < 0 ? std::string_view() : piece;
  }

 private:
  FileSource& source_;
  std::int64_t& left_;
};

std::optional<ImageSize> image_size_of(std::string_view head) {
  const auto size = wire::image_size(head);
  return size ? std::optional(ImageSize{.width = size->width, .height = size->height}) : std::nullopt;
}

// MessageLog::change for a coroutine: comes back on the loop it was called on.
Task<Result<void>> change(MessageLog& log, MessageLog::Change what) {
  const auto home = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Result<void>)>(
      [&log, home](auto handler, MessageLog::Change pending) {
        log.change(std::move(pending), home, std::move(handler));
      },
      asio::use_awaitable_t<Executor>{}, std::move(what));
}

}  // namespace

Error Files::too_large() const {
  Error error(reason::kFileTooLarge);
  error.details = {{"max_file_size", rules_.max_file_size},
                   {"max_file_size_mb", rules_.max_file_size >> 20},
                   {"max_files", rules_.max_files}};
  return error;
}

Result<UploadPlace> Files::begin_upload() {
  UploadPlace place(uploads_);
  if (++uploads_ > rules_.most_uploads) return fail(reason::kOverloaded);
  return place;
}

// 2025/09/23/<uuid>.<extension>, a version 4 UUID (RFC 9562 §5.4).
std::string Files::new_stored_filename(std::string_view extension) {
  std::array<unsigned char, 16> bytes{};
  ports_.random.fill(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  const std::string hex = to_hex(bytes);
  const std::string_view id = hex;
  std::string day = iso8601(ports_.clock.now()).substr(0, 10);
  std::ranges::replace(day, '-', '/');
  return fmt::format("{}/{}-{}-{}-{}-{}.{}", day, id.substr(0, 8), id.substr(8, 4), id.substr(12, 4),
                     id.substr(16, 4), id.substr(20), extension);
}

Task<Result<ReceivedFile>> Files::receive(const Principal& caller, std::string filename, FileSource& source) {
  const UserId uploader = caller.user.id;
  const std::string name = clean_file_name(filename);
  const FileType* type = file_type_of(name);
  if (type == nullptr) co_return fail(named_error(reason::kTypeNotAllowed, name));
  std::int64_t left = rules_.max_file_size;
  Error over = too_large();
  if (rules_.user_quota) {
    IZPO_CO_TRY(const FileUsage usage, co_await ports_.files.usage_of(uploader));
    const std::int64_t free = std::max<std::int64_t>(*rules_.user_quota - usage.bytes, 0);
    if (free < left) {
      left = free;
      over = quota_exceeded(*rules_.user_quota, usage.bytes);
    }
  }

  IZPO_CO_TRY(Head head, co_await read_head(source));
  if (head.bytes.empty()) co_return fail(named_error(reason::kEmptyFile, name));
  IZPO_CO_TRY(const SniffedContent content,
              co_await ports_.sniffer.sniff(std::string_view(head.bytes).substr(0, kSniffedBytes)));
  if (!content_agrees(*type, content, head.bytes)) {
    Error error = named_error(reason::kTypeMismatch, name);
    error.details.push_back({"named_type", std::string(type->mime)});
    error.details.push_back({"found_type", content.mime});
    co_return fail(std::move(error));
  }
  left -= std::ssize(head.bytes);
  if (left < 0) co_return fail(std::move(over));

  ReceivedFile received{.file = {.id = {},
                                 .original_filename = name,
                                 .stored_filename = new_stored_filename(type->extension),
                                 .size = 0,
                                 .content_type = std::string(type->mime),
                                 .public_url = {},
                                 .uploader = uploader,
                                 .uploaded_at = ports_.clock.now(),
                                 .image_size = image_size_of(head.bytes)},
                        .blob = nullptr};
  IZPO_CO_TRY(received.blob, co_await ports_.blobs.create({.stored_filename = received.file.stored_filename,
                                                           .content_type = received.file.content_type}));
  Scanning scanning(ports_.scanner, rules_.unscanned_pass, scans_, uploader);
  IZPO_CO_CHECK(co_await scanning.begin());
  IZPO_CO_CHECK(co_await scanning.write(head.bytes));
  IZPO_CO_CHECK(co_await received.blob->write(head.bytes));
  head.bytes = std::string();
  ReadyPieces ready(source, left);
  while (!head.whole) {
    IZPO_CO_TRY(const std::string_view piece, co_await source.next());
    if (piece.empty()) break;
    left -= std::ssize(piece);
    if (left < 0) co_return fail(std::move(over));
    if (scanning.is_under_way()) {
      IZPO_CO_CHECK(co_await scanning.write(piece));
      IZPO_CO_CHECK(co_await received.blob->write(piece));
    } else {
      IZPO_CO_CHECK(co_await received.blob->write_on(piece, ready));
      if (left < 0) co_return fail(std::move(over));
    }
  }
  IZPO_CO_CHECK(co_await scanning.finish(name));
  co_return received;
}

Task<Result<File>> Files::keep(ReceivedFile received) {
  IZPO_CO_TRY(StoredBlob stored, co_await received.blob->finish());
  received.file.blob = std::move(stored.name);
  received.file.digest = std::move(stored.digest);
  received.file.size = stored.size;
  co_return co_await ports_.files.create(std::move(received.file), rules_.user_quota);
}

Task<Result<std::vector<File>>> Files::list(const Principal& caller, Page page) {
  return ports_.files.list_of(caller.user.id, page);
}

Task<Result<FileUsage>> Files::usage(const Principal& caller) {
  return ports_.files.usage_of(caller.user.id);
}

Task<Result<File>> Files::get(const Principal& caller, FileId id) {
  IZPO_CO_TRY(File file, co_await ports_.access.to_read_file(caller.user.id, id));
  file.blob = ports_.links.blob_of(file);
  co_return file;
}

Task<Result<std::optional<File>>> Files::find_cached(FileId id) {
  const Timestamp now = ports_.clock.now();
  std::uint64_t removals = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (const Known* known = known_.find(id); known != nullptr && known->until > now) co_return known->file;
    removals = removals_;
  }
  IZPO_CO_TRY(auto found, co_await ports_.files.find(id));
  if (found) {
    found->blob = ports_.links.blob_of(*found);
    const std::scoped_lock lock(mutex_);
    if (removals == removals_) known_[id] = {.file = *found, .until = now + kKnownFor};
  }
  co_return found;
}

Task<Result<Files::Linked>> Files::get_by_link(FileId id, std::string token) {
  IZPO_CO_TRY(auto found, co_await find_cached(id));
  if (!found) co_return fail(reason::kFileNotFound);
  IZPO_CO_TRY(const auto good_for, ports_.links.check(*found, token));
  co_return Linked{.file = *std::move(found), .good_for = good_for};
}

Task<Result<std::unique_ptr<BlobReader>>> Files::open(const File& file) {
  return ports_.blobs.open(file.blob);
}

Task<Result<std::optional<std::string>>> Files::direct_link(const File& file, DirectLink how) {
  return ports_.blobs.direct_link(file.blob, std::move(how));
}

Task<Result<void>> Files::remove(const Principal& caller, FileId id) {
  const UserId user = caller.user.id;
  IZPO_CO_TRY(const File file, co_await ports_.access.to_own_file(user, id));
  auto removed = co_await change(ports_.log, [&store = ports_.files, id, user, now = ports_.clock.now()] {
    return store.remove(id, user, now);
  });
  {
    const std::scoped_lock lock(mutex_);
    ++removals_;
    known_.erase_if([id](const auto& entry) { return entry.first == id; });
  }
  // The walk over the storage finds only what this version stored.
  const std::string taken_over = file.blob.empty() ? ports_.links.blob_of(file) : std::string();
  if (removed && !taken_over.empty()) {
    const auto gone = co_await ports_.blobs.remove(taken_over, ports_.clock.now());
    if (!gone) spdlog::warn("the bytes of the deleted {} stay: {}", taken_over, gone.error().log_detail);
  }
  co_return removed;
}

Task<Result<std::size_t>> Files::collect() {
  const Timestamp cutoff = kept_since();
  std::size_t removed = 0;
  std::string after;
  for (;;) {
    IZPO_CO_TRY(const auto listed, co_await ports_.blobs.list(after, kCollectedAtOnce));
    if (listed.empty()) co_return removed;
    after = listed.back().name;
    std::vector<std::string> old;
    for (const Blobs::Listed& blob : listed) {
      if (blob.stored_at <= cutoff) old.push_back(blob.name);
    }
    if (old.empty()) continue;
    IZPO_CO_TRY(const auto unreferenced, co_await ports_.files.unreferenced(std::move(old), cutoff));
    for (const std::string& name : unreferenced) {
      IZPO_CO_CHECK(co_await ports_.blobs.remove(name, cutoff));
      ++removed;
    }
  }
}

}  // namespace izpo::services
