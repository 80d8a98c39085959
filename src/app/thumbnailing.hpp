#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/vips/image_scaler.hpp"
#include "app/settings.hpp"
#include "ports/blobs.hpp"
#include "ports/clock.hpp"
#include "ports/file_store.hpp"
#include "ports/random.hpp"
#include "ports/thumbnail_cache.hpp"
#include "services/thumbnails.hpp"

namespace izpo::app {

// The program that makes thumbnails; nullopt: there are none, by setting or because it is not there.
std::optional<std::string> thumbnail_program(const Settings& settings);

// What a server needs for thumbnails. They are kept in the data directory, also when the files are elsewhere.
struct Thumbnailing {
  struct Ports {
    Blobs& blobs;
    FileStore& files;
    const Clock& clock;
    Random& random;
  };

  // Throws std::runtime_error with a line for the operator.
  Thumbnailing(const Settings& settings, Ports ports);

  std::unique_ptr<ThumbnailCache> cache;
  vips::ImageScaler scaler;
  services::Thumbnails thumbnails;
};

}  // namespace izpo::app
