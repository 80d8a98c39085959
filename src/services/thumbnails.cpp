#include "services/thumbnails.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "domain/reasons.hpp"

namespace izpo::services {

namespace {

constexpr std::array<std::string_view, 4> kScaled{"image/jpeg", "image/png", "image/gif", "image/webp"};
constexpr std::size_t kCollectedAtOnce = 200;

// A WebP says how long it is (RFC 9649 §2.4): what a crash cut off is not one.
bool is_whole_webp(std::string_view bytes) {
  if (bytes.size() < 12 || !bytes.starts_with("RIFF") || bytes.substr(8, 4) != "WEBP") return false;
  std::size_t size = 0;
  for (const std::size_t at : {7UZ, 6UZ, 5UZ, 4UZ}) size = size << 8U | static_cast<unsigned char>(bytes[at]);
  return size + 8 == bytes.size();
}

}  // namespace

bool can_have_thumbnails(const File& file) {
  if (file.blob.empty() || !file.image_size || std::ranges::find(kScaled, file.content_type) == kScaled.end())
    return false;
  const auto [width, height] = *file.image_size;
  return width > 0 && height > 0 && width <= kMostPixels && height <= kMostPixels / width;
}

// While it lives, the others who ask for the same wait.
class Thumbnails::Making {
 public:
  Making(Thumbnails& all, const std::string& key) : all_(all), key_(key) {}
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
  ~Making() {
    std::vector<Resume> waiting;
    {
      const std::scoped_lock lock(all_.mutex_);
      const auto found = all_.making_.find(key_);
      waiting = std::move(found->second);
      all_.making_.erase(found);
      all_.waiting_ -= waiting.size();
    }
    for (Resume& resume : waiting) resume();
  }

 private:
  Thumbnails& all_;
  const std::string& key_;
};

// A place among those that are scaled at once; handed on to who waits longest.
class Thumbnails::Turn {
 public:
  explicit Turn(Thumbnails& all) : all_(&all) {}
  Turn(Turn&& other) noexcept : all_(std::exchange(other.all_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (all_ == nullptr) return;
    Resume next;
    {
      const std::scoped_lock lock(all_->mutex_);
      if (all_->line_.empty()) {
        --all_->running_;
      } else {
        next = std::move(all_->line_.front());
        all_->line_.pop_front();
        --all_->waiting_;
      }
    }
    if (next) next();
  }

 private:
  Thumbnails* all_;
};

Task<Result<bool>> Thumbnails::is_first(const std::string& key) {
  {
    const std::scoped_lock lock(mutex_);
    if (making_.try_emplace(key).second) co_return true;
    if (waiting_ >= rules_.most_waiting) co_return fail(reason::kOverloaded);
    ++waiting_;
  }
  co_await suspend([this, &key](Resume resume) {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto found = making_.find(key); found != making_.end()) {
        found->second.push_back(std::move(resume));
        return;
      }
      --waiting_;
    }
    resume();
  });
  co_return false;
}

Task<Result<Thumbnails::Turn>> Thumbnails::take_turn() {
  {
    const std::scoped_lock lock(mutex_);
    if (running_ < rules_.most_at_once) {
      ++running_;
      co_return Turn(*this);
    }
    if (waiting_ >= rules_.most_waiting) co_return fail(reason::kOverloaded);
    ++waiting_;
  }
  co_await suspend([this](Resume resume) {
    {
      const std::scoped_lock lock(mutex_);
      if (running_ >= rules_.most_at_once) {
        line_.push_back(std::move(resume));
        return;
      }
      ++running_;
      --waiting_;
    }
    resume();
  });
  co_return Turn(*this);
}

bool Thumbnails::failed_lately(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const Timestamp* const until = failed_.find(key);
  return until != nullptr && *until > ports_.clock.now();
}

Task<Result<std::string>> Thumbnails::get(const File& file, int side) {
  if (!can_have_thumbnails(file) || (side != kThumbnailSide && side != kPreviewSide))
    co_return fail(reason::kNoThumbnail);
  const std::string key = fmt::format("{}@{}", file.blob, side);
  for (bool again = true; again;) {
    IZPO_CO_TRY(auto kept, co_await ports_.cache.find(file.blob, side));
    if (kept && is_whole_webp(*kept)) co_return *std::move(kept);
    if (failed_lately(key)) co_return fail(reason::kNoThumbnail);
    IZPO_CO_TRY(const bool first, co_await is_first(key));
    again = !first;
  }
  const Making making(*this, key);
  co_return co_await make(file, side, key);
}

Task<Result<std::string>> Thumbnails::make(const File& file, int side, const std::string& key) {
  IZPO_CO_TRY(const Turn turn, co_await take_turn());
  IZPO_CO_TRY(const auto image, co_await ports_.blobs.open(file.blob));
  auto webp = co_await ports_.scaler.scale(*image, side);
  if (webp && !is_whole_webp(*webp))
    webp = fail(Error(reason::kNoThumbnail, "the answer is not a whole WebP"));
  if (!webp) {
    const Reason reason = webp.error().reason;
    if (reason != reason::kNoThumbnail && reason != reason::kInternal) co_return webp;
    spdlog::warn("no thumbnail of file {} ({}): {}", file.id.value, file.content_type,
                 webp.error().log_detail);
    const std::scoped_lock lock(mutex_);
    failed_[key] = ports_.clock.now() + rules_.forget_failures;
    co_return fail(reason::kNoThumbnail);
  }
  if (const auto kept = co_await ports_.cache.keep(file.blob, side, *webp); !kept)
    spdlog::warn("cannot keep a thumbnail of file {}: {}", file.id.value, kept.error().log_detail);
  co_return webp;
}

Task<Result<std::size_t>> Thumbnails::collect(Timestamp since) {
  std::size_t removed = 0;
  for (unsigned shard = 0; shard < ThumbnailCache::kShards; ++shard) {
    IZPO_CO_TRY(auto blobs, co_await ports_.cache.blobs(shard));
    while (!blobs.empty()) {
      const auto count = static_cast<std::ptrdiff_t>(std::min(blobs.size(), kCollectedAtOnce));
      std::vector<std::string> some(std::make_move_iterator(blobs.end() - count),
                                    std::make_move_iterator(blobs.end()));
      blobs.resize(blobs.size() - some.size());
      IZPO_CO_TRY(auto free, co_await ports_.files.unreferenced(std::move(some), since));
      for (std::string& blob : free) {
        IZPO_CO_CHECK(co_await ports_.cache.remove(std::move(blob)));
        ++removed;
      }
    }
  }
  co_return removed;
}

}  // namespace izpo::services
