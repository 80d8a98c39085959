#include "adapters/gcs/download.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "adapters/gcs/crc32c.hpp"
#include "adapters/gcs/encoding.hpp"
#include "adapters/gcs/refusal.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

std::unexpected<Error> broken(std::string_view how) {
  return fail(Error(reason::kStorageUnavailable, fmt::format("cannot read a file: {}", how)));
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// "bytes 0-65535/1048576" or "bytes */0"
std::optional<std::int64_t> total_size(const HttpAnswer& answer) {
  const auto field = answer.header("content-range");
  if (!field) return std::nullopt;
  const auto slash = field->rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return number(field->substr(slash + 1));
}

}  // namespace

Task<Result<std::unique_ptr<BlobReader>>> Download::open(Shared& shared, std::string name) {
  auto reader = std::make_unique<Download>(shared, std::move(name));
  IZPO_CO_CHECK(co_await reader->fetch(0, kFirstPiece));
  co_return reader;
}

std::string_view Download::whole() const {
  const bool is_whole = piece_at_ == 0 && std::ssize(piece_) == size_;
  return is_whole ? std::string_view(piece_) : std::string_view();
}

Task<Result<std::size_t>> Download::read(std::int64_t offset, std::span<char> buffer) {
  if (offset >= size_ || buffer.empty()) co_return 0UZ;
  const bool here = offset >= piece_at_ && offset < piece_at_ + std::ssize(piece_);
  if (!here) {
    const bool follows = offset == piece_at_ + std::ssize(piece_);
    next_piece_ = std::max(buffer.size(), follows ? std::min(2 * next_piece_, kLargestPiece) : kFirstPiece);
    IZPO_CO_CHECK(co_await fetch(offset, next_piece_));
  }
  const auto from = std::string_view(piece_).substr(static_cast<std::size_t>(offset - piece_at_));
  const std::size_t count = std::min(from.size(), buffer.size());
  std::memcpy(buffer.data(), from.data(), count);
  co_return count;
}

Task<Result<void>> Download::fetch(std::int64_t offset, std::size_t count) {
  std::int64_t last = offset + static_cast<std::int64_t>(count) - 1;
  if (size_ >= 0) last = std::min(last, size_ - 1);
  std::string query = "?alt=media";
  if (!generation_.empty()) query += "&generation=" + percent_encoded(generation_);
  piece_ = std::string();
  auto answer = co_await shared_.storage.call({.url = shared_.storage.object_url(name_, query),
                                               .headers = {fmt::format("Range: bytes={}-{}", offset, last)},
                                               .body = {},
                                               .most_body = count});
  if (!answer) co_return fail(std::move(answer).error());
  if (answer->status == 404 && size_ < 0)
    co_return fail(Error(reason::kFileNotFound, "the object " + name_ + " is missing"));
  if (answer->status == 416 && size_ < 0 && total_size(*answer) == 0) {
    size_ = 0;
    co_return Result<void>{};
  }
  if (answer->status == 404) co_return broken("it was removed meanwhile");
  // A storage that ignores the range gives all of it.
  if (answer->status != 206 && (answer->status != 200 || offset != 0))
    co_return fail(refusal("cannot read a file", *answer));
  const auto total = answer->status == 206 ? total_size(*answer) : std::ssize(answer->body);
  if (!total || (size_ >= 0 && *total != size_)) co_return broken("the storage does not say how long it is");
  if (size_ < 0) {
    size_ = *total;
    generation_ = answer->header("x-goog-generation").value_or("");
    crc32c_ = crc32c_of_hash_header(answer->header("x-goog-hash").value_or(""));
  }
  if (std::ssize(answer->body) != std::min(last + 1, size_) - offset)
    co_return broken("a piece has not its length");
  piece_ = std::move(answer->body);
  piece_at_ = offset;
  co_return co_await check();
}

Task<Result<void>> Download::check() {
  if (!crc32c_ || piece_at_ != checked_ || piece_.empty()) co_return Result<void>{};
  IZPO_CO_CHECK(co_await shared_.pool.run([this]() -> Result<void> {
    crc_ = crc32c(piece_, crc_);
    return {};
  }));
  checked_ += std::ssize(piece_);
  if (checked_ == size_ && crc32c_text(crc_) != *crc32c_) {
    piece_ = std::string();
    co_return broken("its bytes are not those that were stored (CRC-32C)");
  }
  co_return Result<void>{};
}

}  // namespace izpo::gcs
