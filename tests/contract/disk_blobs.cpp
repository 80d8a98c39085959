#include "adapters/disk/blobs.hpp"
#include "adapters/system/random.hpp"
#include "contract/blobs_contract.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

class DiskBlobs final : public BlobBackend {
 public:
  DiskBlobs() { reopen(); }

  Blobs& blobs() override { return *blobs_; }
  FixedClock& clock() override { return clock_; }
  void reopen() override {
    blobs_.reset();
    blobs_ = disk::Blobs::open(directory_.path() / "blobs", clock_, random_).value();
  }

 private:
  TemporaryDirectory directory_;
  FixedClock clock_;
  system::SystemRandom random_;
  std::unique_ptr<Blobs> blobs_;
};

}  // namespace

std::unique_ptr<BlobBackend> make_disk_blobs() {
  return std::make_unique<DiskBlobs>();
}

}  // namespace izpo::testing
