#pragma once

#include <memory>

#include "adapters/magic/content_sniffer.hpp"
#include "app/backend.hpp"
#include "app/settings.hpp"
#include "ports/blobs.hpp"
#include "services/files.hpp"

namespace izpo::app {

// What only a server has of files: their bytes. Beside the backend, because it tidies the directory up, which
// another process may not do while a server runs.
struct Uploads {
  // Throws std::runtime_error with a line for the operator.
  Uploads(const Settings& settings, Backend& backend);

  std::unique_ptr<Blobs> blobs;
  magic::ContentSniffer sniffer;
  services::Files files;
};

}  // namespace izpo::app
