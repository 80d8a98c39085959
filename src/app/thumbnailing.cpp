#include "app/thumbnailing.hpp"

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "adapters/disk/thumbnail_cache.hpp"
#include "base/log.hpp"

namespace izpo::app {

namespace {

std::unique_ptr<ThumbnailCache> open_cache(const Settings& settings, Random& random) {
  auto opened = disk::ThumbnailCache::open(settings.data_dir / "thumbnails", random);
  if (!opened) throw std::runtime_error(opened.error().log_detail);
  return *std::move(opened);
}

vips::ChildLimits limits(const Settings& settings) {
  vips::ChildLimits limits;
  limits.wall = settings.thumbnail_timeout;
  limits.processor = (settings.thumbnail_timeout + std::chrono::seconds(1)) / 2;
  return limits;
}

std::string program_or_none(const Settings& settings) {
  auto program = thumbnail_program(settings);
  if (settings.thumbnails && !program) {
    spdlog::info("images have no thumbnails: there is no {} here (Debian has it in libvips-tools)",
                 settings.thumbnail_program);
  }
  return std::move(program).value_or("");
}

}  // namespace

std::optional<std::string> thumbnail_program(const Settings& settings) {
  if (!settings.thumbnails) return std::nullopt;
  // Read at the start, before any thread is made.
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  return vips::find_program(settings.thumbnail_program, path != nullptr ? path : "");
}

Thumbnailing::Thumbnailing(const Settings& settings, Ports ports)
    : cache(open_cache(settings, ports.random)),
      scaler({.program = program_or_none(settings), .limits = limits(settings)}),
      thumbnails({.blobs = ports.blobs,
                  .files = ports.files,
                  .scaler = scaler,
                  .cache = *cache,
                  .clock = ports.clock},
                 {}) {}

}  // namespace izpo::app
