#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "ports/blobs.hpp"
#include "support/fixed_clock.hpp"

namespace izpo::testing {

// One adapter's blobs in an empty place, which goes away with it.
class BlobBackend {
 public:
  virtual ~BlobBackend() = default;
  virtual Blobs& blobs() = 0;
  virtual FixedClock& clock() = 0;

  // Opens the same place again, as after a crash: with what was being written.
  virtual void reopen() = 0;
};

struct BlobBackendKind {
  std::string name;
  std::unique_ptr<BlobBackend> (*make)();
};

std::unique_ptr<BlobBackend> make_disk_blobs();
std::unique_ptr<BlobBackend> make_gcs_blobs();

}  // namespace izpo::testing
