#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

// The files of the blobs and the calls on them; everything here blocks.
namespace izpo::disk {

// errno as a Result: full disks, quotas and size limits are kStorageFull, all else kStorageUnavailable.
std::unexpected<Error> system_failure(std::string_view what, const std::filesystem::path& path);

Result<Descriptor> open_file(const std::filesystem::path& path, int flags);
Result<void> write_all(int descriptor, std::span<const char> bytes, const std::filesystem::path& path);
Result<void> sync_directory(const std::filesystem::path& directory);

// Whether it is a name that finish() gives: 64 lower case hexadecimal digits. No other reaches a path.
bool is_blob_name(std::string_view name);

// Where a blob is: <root>/ab/cd/abcd….
class Layout {
 public:
  explicit Layout(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path temporary() const { return root_ / "tmp"; }
  std::filesystem::path blob(std::string_view name) const;

  // Makes what is missing, durably.
  Result<void> make_root() const;
  Result<void> make_parents(std::string_view name) const;

  void clear_temporary() const;

  // Names after `after`, in order.
  std::vector<std::string> names_after(std::string_view after, std::size_t most) const;

 private:
  std::filesystem::path root_;
};

// When the blob at `path` was stored last; nullopt: it is not there.
Result<std::optional<Timestamp>> stored_at(const std::filesystem::path& path);

}  // namespace izpo::disk
