#pragma once

#include "base/worker_pool.hpp"
#include "ports/content_sniffer.hpp"

namespace izpo::magic {

// libmagic with its own database, on threads of its own, each with a cookie, which is not thread-safe. Made
// after the loops and destroyed before them.
class ContentSniffer final : public izpo::ContentSniffer {
 public:
  // Throws std::runtime_error when the database cannot be loaded: a broken installation.
  ContentSniffer();

  Task<Result<SniffedContent>> sniff(std::string_view head) override;

 private:
  WorkerPool pool_;
};

}  // namespace izpo::magic
