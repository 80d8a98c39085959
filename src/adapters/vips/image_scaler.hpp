#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "adapters/vips/child.hpp"
#include "base/descriptor.hpp"
#include "base/worker_pool.hpp"
#include "ports/image_scaler.hpp"

namespace izpo::vips {

// Where the program is: `name` itself when it has a slash, else the first of that name on `path` (as $PATH);
// nullopt: it is not there.
std::optional<std::string> find_program(const std::string& name, const std::string& path);

struct ScalerOptions {
  std::string program;      // an absolute path
  std::size_t threads = 2;  // each waits for a child
  std::size_t most_waiting = 64;
  ChildLimits limits = {};
};

// vipsthumbnail (libvips), in a process of its own for each picture. Made after the loops and destroyed
// before them; its destructor kills the children.
class ImageScaler final : public izpo::ImageScaler {
 public:
  // Throws std::system_error when the system is out of descriptors.
  explicit ImageScaler(ScalerOptions options);
  ~ImageScaler() override;

  Task<Result<std::string>> scale(BlobReader& image, int side) override;

  // Kills the children: what runs and what is asked from now on fails with kShuttingDown. Any thread.
  void stop();

 private:
  const ScalerOptions options_;
  const Descriptor stop_;  // an eventfd; readable once stop() was called
  WorkerPool pool_;        // last: its threads use the others
};

}  // namespace izpo::vips
