#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/ids.hpp"
#include "ports/virus_scanner.hpp"

namespace izpo::services {

// What uploads met on their way past the scanner since the start. Any thread.
struct ScanCounts {
  std::atomic<std::uint64_t> clean = 0;
  std::atomic<std::uint64_t> infected = 0;
  std::atomic<std::uint64_t> unscanned = 0;  // the scanner was away, or too slow
};

// The way of one file past the virus scanner. Without a scanner it is open; with one that is away it is open
// or closed, by `lets_pass`. What is found and what was not scanned is counted, and logged with the count.
class Scanning {
 public:
  Scanning(VirusScanner* scanner, bool lets_pass, ScanCounts& counts, UserId uploader)
      : scanner_(scanner), lets_pass_(lets_pass), counts_(counts), uploader_(uploader) {}

  // Whether it wants to be shown the bytes.
  bool is_under_way() const { return scan_ != nullptr; }

  // Each fails with kScannerUnavailable, unless such files pass.
  Task<Result<void>> begin();
  Task<Result<void>> write(std::span<const char> bytes);
  // Fails with kFileInfected too; its details have `filename` and the scanner's `signature`.
  Task<Result<void>> finish(const std::string& filename);

 private:
  Result<void> without(const Error& error);

  VirusScanner* const scanner_;  // may be null
  const bool lets_pass_;
  ScanCounts& counts_;
  const UserId uploader_;
  std::unique_ptr<VirusScan> scan_;  // null: the file is not scanned, or not any more
};

}  // namespace izpo::services
