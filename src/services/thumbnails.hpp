#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/use_task.hpp"
#include "domain/file.hpp"
#include "ports/blobs.hpp"
#include "ports/clock.hpp"
#include "ports/file_links.hpp"
#include "ports/file_store.hpp"
#include "ports/image_scaler.hpp"
#include "ports/thumbnail_cache.hpp"
#include "services/recent_map.hpp"

namespace izpo::services {

// Images of more pixels are not scaled: they may be small as files and huge in memory.
inline constexpr std::int64_t kMostPixels = 50'000'000;

// Whether smaller pictures of the file can be made, by its type and by the size in its header.
bool can_have_thumbnails(const File& file);

// Smaller pictures of images: made when they are first asked for, and kept. Safe to call from any loop.
class Thumbnails {
 public:
  struct Ports {
    Blobs& blobs;
    FileStore& files;
    ImageScaler& scaler;
    ThumbnailCache& cache;
    const Clock& clock;
  };
  struct Rules {
    std::size_t most_at_once = 2;   // images that are scaled
    std::size_t most_waiting = 64;  // for their turn, or for one that is being made; more: kOverloaded
    std::chrono::minutes forget_failures{10};
  };

  Thumbnails(Ports ports, Rules rules) : ports_(ports), rules_(rules) {}
  Thumbnails(const Thumbnails&) = delete;
  Thumbnails& operator=(const Thumbnails&) = delete;

  // A WebP of at most `side` pixels on each side, which is kThumbnailSide or kPreviewSide, of a file whose
  // reader passed its gate. One that is asked for by many is made once; what failed is not tried again for
  // a while. Fails with kNoThumbnail, kFileNotFound, kOverloaded, kShuttingDown, kStorageUnavailable.
  Task<Result<std::string>> get(const File& file, int side);

  // Removes what was made of blobs that no file has had since `since`. Returns of how many. Can be stopped
  // anywhere and begun again.
  Task<Result<std::size_t>> collect(Timestamp since);

 private:
  class Making;
  class Turn;

  // Whether the caller is the one who makes it. Otherwise it was being made, and that has ended.
  Task<Result<bool>> is_first(const std::string& key);
  Task<Result<Turn>> take_turn();
  bool failed_lately(const std::string& key);
  Task<Result<std::string>> make(const File& file, int side, const std::string& key);

  const Ports ports_;
  const Rules rules_;

  std::mutex mutex_;
  // Under mutex_:
  std::map<std::string, std::vector<Resume>> making_;  // by blob and side, with who waits for each
  std::deque<Resume> line_;                            // who waits for a turn
  std::size_t running_ = 0;                            // turns taken
  std::size_t waiting_ = 0;                            // in line_ and in making_, or about to be
  RecentMap<std::string, Timestamp> failed_{4096};     // until when each is not tried again
};

}  // namespace izpo::services
