#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "adapters/magic/content_sniffer.hpp"
#include "app/backend.hpp"
#include "app/settings.hpp"
#include "app/thumbnailing.hpp"
#include "ports/blobs.hpp"
#include "ports/virus_scanner.hpp"
#include "services/files.hpp"

namespace izpo::app {

// What only a server has of files: their bytes. Beside the backend, because it tidies the directory up, which
// another process may not do while a server runs.
struct Uploads {
  // Throws std::runtime_error with a line for the operator.
  // `loop` is run while a bucket is looked at; `epoch`: of the database.
  Uploads(const Settings& settings, Backend& backend, boost::asio::io_context& loop,
          const std::string& epoch);

  // The server stops, and has waited long enough for a storage elsewhere.
  void give_up();

  std::unique_ptr<Blobs> blobs;
  magic::ContentSniffer sniffer;
  std::unique_ptr<VirusScanner> scanner;  // may be none
  services::Files files;
  Thumbnailing thumbnailing;
};

}  // namespace izpo::app
