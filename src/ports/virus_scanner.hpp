#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"

namespace izpo {

// One file on its way through the scanner. Used by one coroutine at a time, on one loop. Destroyed before
// finish() it is given up.
class VirusScan {
 public:
  virtual ~VirusScan() = default;

  // The next bytes, which must stay until it returns. Fails with kScannerUnavailable (away, too slow, or it
  // will not look at so large a file); the scan is then over.
  virtual Task<Result<void>> write(std::span<const char> bytes) = 0;

  // What it found, by its own name; nullopt: nothing. Fails as write.
  virtual Task<Result<std::optional<std::string>>> finish() = 0;
};

// Looks at files for viruses. Safe to call from any loop.
class VirusScanner {
 public:
  virtual ~VirusScanner() = default;

  // Fails with kScannerUnavailable; the detail is for the log.
  virtual Task<Result<std::unique_ptr<VirusScan>>> begin() = 0;
};

}  // namespace izpo
