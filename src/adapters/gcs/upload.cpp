#include "adapters/gcs/upload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "adapters/gcs/crc32c.hpp"
#include "adapters/gcs/encoding.hpp"
#include "adapters/gcs/refusal.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

constexpr std::string_view kWhat = "cannot store a file";
// Its name is never used again, and only a link that ends shows it.
constexpr std::string_view kCacheControl = "private, max-age=86400, immutable";

std::unexpected<Error> broken(std::string_view how) {
  return fail(Error(reason::kStorageUnavailable, fmt::format("{}: {}", kWhat, how)));
}

// "bytes=0-524287": the storage has 524,288 bytes. Without the field it has none.
std::optional<std::int64_t> committed_bytes(const HttpAnswer& answer) {
  const auto field = answer.header("range");
  if (!field) return 0;
  static constexpr std::string_view kStart = "bytes=0-";
  if (!field->starts_with(kStart)) return std::nullopt;
  std::int64_t last = -1;
  const auto [end, error] =
      std::from_chars(field->data() + kStart.size(), field->data() + field->size(), last);
  if (error != std::errc() || end != field->data() + field->size() || last < 0) return std::nullopt;
  return last + 1;
}

std::string text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Upload::Upload(Shared& shared, BlobLabel label) : shared_(shared), label_(std::move(label)) {}

Upload::~Upload() {
  if (!session_.empty())
    shared_.storage.forget({.method = "DELETE", .url = std::move(session_), .headers = {}, .body = {}});
}

Task<Result<void>> Upload::add_to_sums(std::span<const char> bytes) {
  co_return co_await shared_.pool.run([this, bytes]() -> Result<void> {
    digest_.add(bytes);
    crc_ = crc32c(std::string_view(bytes.data(), bytes.size()), crc_);
    return {};
  });
}

Task<Result<void>> Upload::write(std::span<const char> bytes) {
  IZPO_CO_CHECK(co_await add_to_sums(bytes));
  size_ += std::ssize(bytes);
  while (!bytes.empty()) {
    // A full chunk waits for what comes after it: only then is it known not to be the last.
    if (chunk_.size() == kChunk) IZPO_CO_CHECK(co_await send(/*last=*/false));
    const std::size_t count = std::min(bytes.size(), kChunk - chunk_.size());
    if (chunk_.size() + count > chunk_.capacity())
      chunk_.reserve(std::min(kChunk, std::max(2 * chunk_.capacity(), chunk_.size() + count)));
    chunk_.append(bytes.data(), count);
    bytes = bytes.subspan(count);
  }
  co_return Result<void>{};
}

Task<Result<void>> Upload::begin() {
  const std::string body = boost::json::serialize(
      boost::json::object{{"name", label_.stored_filename},
                          {"contentType", label_.content_type},
                          {"cacheControl", kCacheControl},
                          {"metadata", boost::json::object{{kMarkName, shared_.mark}}}});
  auto answer = co_await shared_.storage.call(
      {.method = "POST",
       // No other object is ever replaced.
       .url = shared_.storage.upload_url(fmt::format("?uploadType=resumable&ifGenerationMatch=0&name={}",
                                                     percent_encoded(label_.stored_filename))),
       .headers = {"Content-Type: application/json; charset=utf-8",
                   "X-Upload-Content-Type: " + label_.content_type},
       .body = body});
  if (!answer) co_return fail(std::move(answer).error());
  if (answer->status != 200) {
    Error error = refusal(kWhat, *answer);
    // It is not the file that is missing.
    if (error.reason == reason::kFileNotFound) error.reason = reason::kStorageUnavailable;
    co_return fail(std::move(error));
  }
  session_ = answer->header("location").value_or("");
  if (session_.empty()) co_return broken("the storage names no session");
  co_return Result<void>{};
}

Task<Result<void>> Upload::send(bool last) {
  if (session_.empty()) IZPO_CO_CHECK(co_await begin());
  std::size_t failures = 0;
  bool ask = false;  // how far it is, before anything is sent again
  for (;;) {
    const std::int64_t end = committed_ + std::ssize(chunk_);
    const std::string total = last ? std::to_string(end) : "*";
    const bool nothing = ask || chunk_.empty();
    const std::string range = nothing ? fmt::format("bytes */{}", total)
                                      : fmt::format("bytes {}-{}/{}", committed_, end - 1, total);
    auto answer = co_await shared_.storage.once(
        {.method = "PUT",
         .url = session_,
         .headers = {"Content-Type: application/octet-stream", "Content-Range: " + range},
         .body = nothing ? std::string_view() : std::string_view(chunk_)});
    if (Storage::may_pass(answer)) {
      if (!co_await shared_.storage.another_attempt(failures))
        co_return fail(answer ? refusal(kWhat, *answer) : std::move(answer).error());
      ask = true;
      continue;
    }
    if (!answer) co_return fail(std::move(answer).error());
    if (answer->status == 308) {
      bool moved = false;
      IZPO_CO_CHECK(commit(*answer, end, moved));
      if (moved) failures = 0;
      if (!last && chunk_.empty()) co_return Result<void>{};
      // It took nothing of what it was sent.
      if (!moved && !ask && !co_await shared_.storage.another_attempt(failures))
        co_return broken("the storage takes no more of it");
      ask = false;
      continue;
    }
    if (answer->status == 200 || answer->status == 201) {
      session_.clear();
      if (!last) co_return broken("the storage ended it too early");
      object_ = std::move(answer->body);
      co_return Result<void>{};
    }
    if (answer->status == 404 || answer->status == 410) {
      session_.clear();
      co_return broken("the storage has forgotten the upload; send the file again");
    }
    co_return fail(refusal(kWhat, *answer));
  }
}

// Drops from the chunk what the storage has by now.
Result<void> Upload::commit(const HttpAnswer& answer, std::int64_t end, bool& moved) {
  const auto has = committed_bytes(answer);
  if (!has || *has > end) return broken("the storage says that it has what it was not sent");
  if (*has < committed_) return broken("the storage has lost what it had");
  moved = *has > committed_;
  chunk_.erase(0, static_cast<std::size_t>(*has - committed_));
  committed_ = *has;
  return {};
}

Task<Result<StoredBlob>> Upload::finish() {
  IZPO_CO_CHECK(co_await send(/*last=*/true));
  chunk_ = std::string();
  IZPO_CO_CHECK(co_await check(std::move(object_)));
  co_return StoredBlob{.name = label_.stored_filename, .size = size_, .digest = digest_.hex()};
}

// Whether the object is what was written; if not, it goes.
Task<Result<void>> Upload::check(std::string object) {
  boost::system::error_code error;
  const auto value = boost::json::parse(object, error);
  if (error || !value.is_object()) co_return broken("the storage does not say what it has stored");
  const auto& said = value.get_object();
  if (text_member(said, "size") == std::to_string(size_) && text_member(said, "crc32c") == crc32c_text(crc_))
    co_return Result<void>{};
  co_await remove(text_member(said, "generation"));
  Error failure(reason::kStorageUnavailable,
                fmt::format("{}: the storage has other bytes than it was sent (size or CRC-32C)", kWhat));
  failure.retry_after = std::chrono::seconds(1);
  co_return fail(std::move(failure));
}

Task<> Upload::remove(std::string generation) {
  const std::string query = generation.empty() ? "" : "?ifGenerationMatch=" + percent_encoded(generation);
  const auto answer =
      co_await shared_.storage.call({.method = "DELETE",
                                     .url = shared_.storage.object_url(label_.stored_filename, query),
                                     .headers = {},
                                     .body = {}});
  if (!answer || answer->status >= 400)
    spdlog::warn("cannot remove a damaged object: {}", answer ? said(*answer) : answer.error().log_detail);
}

}  // namespace izpo::gcs
