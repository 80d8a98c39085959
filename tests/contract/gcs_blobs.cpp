#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "adapters/gcs/blobs.hpp"
#include "adapters/system/clock.hpp"
#include "adapters/system/random.hpp"
#include "contract/blobs_contract.hpp"

namespace izpo::testing {
namespace {

// The address of an emulator of the storage: that of IZPO_TEST_STORAGE (script/test starts one and says so),
// or of one that ends with this process.
const std::string& emulator_url() {
  static const std::string kUrl = [] {
    if (const char* given = std::getenv("IZPO_TEST_STORAGE")) return std::string(given);
    std::FILE* keeper =
        ::popen("exec " IZPO_KEEP_BUCKET, "r");  // NOLINT(bugprone-command-processor): our script
    std::array<char, 200> line{};
    if (keeper == nullptr || std::fgets(line.data(), line.size(), keeper) == nullptr)
      throw std::runtime_error("the emulator could not be started: tests/support/keep_bucket says why");
    std::string url = line.data();
    url.pop_back();
    return url;
  }();
  return kUrl;
}

class GcsBlobs final : public BlobBackend {
 public:
  GcsBlobs() {
    // The storage's own clock says when something was stored.
    clock_.advance(system::SystemClock().now() - clock_.now());
    std::array<unsigned char, 8> mark{};
    random_.fill(mark);
    for (const unsigned char byte : mark) mark_ += std::to_string(byte);
    reopen();
  }

  Blobs& blobs() override { return *blobs_; }
  FixedClock& clock() override { return clock_; }
  void reopen() override {
    blobs_.reset();
    gcs::BlobOptions options;
    options.bucket = "files";
    options.endpoint = emulator_url();
    options.emulator = true;
    options.mark = mark_;
    blobs_ = gcs::Blobs::open(std::move(options), clock_, random_).value();
  }

 private:
  FixedClock clock_;
  system::SystemRandom random_;
  std::string mark_;  // as if it were the only database on a bucket of its own
  std::unique_ptr<Blobs> blobs_;
};

}  // namespace

std::unique_ptr<BlobBackend> make_gcs_blobs() {
  return std::make_unique<GcsBlobs>();
}

}  // namespace izpo::testing
