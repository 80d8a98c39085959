#include "app/uploads.hpp"

#include <stdexcept>
#include <utility>

#include "adapters/disk/blobs.hpp"

namespace izpo::app {

namespace {

std::unique_ptr<Blobs> open_blobs(const Settings& settings, Backend& backend) {
  auto opened = disk::Blobs::open(settings.data_dir / "blobs", backend.clock, backend.random);
  if (!opened) throw std::runtime_error(opened.error().log_detail);
  return *std::move(opened);
}

services::FileRules file_rules(const Settings& settings) {
  services::FileRules rules;
  rules.max_file_size = settings.max_file_size;
  if (settings.user_quota > 0) rules.user_quota = settings.user_quota;
  rules.grace = settings.file_grace;
  return rules;
}

}  // namespace

Uploads::Uploads(const Settings& settings, Backend& backend)
    : blobs(open_blobs(settings, backend)),
      files({.files = backend.store->files(),
             .blobs = *blobs,
             .sniffer = sniffer,
             .access = backend.access,
             .links = backend.links,
             .clock = backend.clock,
             .random = backend.random},
            file_rules(settings)) {}

}  // namespace izpo::app
