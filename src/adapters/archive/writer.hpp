#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

struct archive;

namespace izpo::archive {

// The last member of every archive: what sha256sum(1) prints of all the others.
inline constexpr std::string_view kSums = "SHA256SUMS";

// A tar archive (POSIX pax, not compressed) that is being made. Its bytes go to a file of another name beside
// it, mode 0600, so that nobody ever sees half an archive; that file goes with the writer. Everything blocks.
// All methods fail with kStorageFull and kStorageUnavailable; the error's detail is a line for the operator
// that names the file.
class Writer {
 public:
  // Fails too when there is a `file` already. `now` becomes the time of all members.
  static Result<std::unique_ptr<Writer>> create(std::filesystem::path file, Timestamp now);

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  Result<void> add(const std::string& name, std::string_view bytes);

  // A regular file from its beginning to the end it has now. `goes_on` is asked after each piece, of as many
  // bytes; when it says no, this fails with kShuttingDown.
  using GoesOn = std::function<bool(std::int64_t bytes)>;
  Result<void> add_file(const std::string& name, const Descriptor& file, const GoesOn& goes_on);

  bool has(const std::string& name) const { return sums_.contains(name); }
  std::int64_t size() const { return size_; }  // bytes of members so far

  // Adds the checksums, puts it on disk and gives it its name, unless that has been taken meanwhile.
  Result<void> finish();

 private:
  struct Free {
    void operator()(struct archive* archive) const;
  };
  Writer(std::filesystem::path file, std::filesystem::path draft, Descriptor descriptor, Timestamp now);

  Result<void> begin(const std::string& name, std::int64_t size);
  Result<void> write(std::string_view bytes);
  std::unexpected<Error> failure() const;

  std::filesystem::path file_;
  std::filesystem::path draft_;  // empty: nothing to take away
  Descriptor descriptor_;
  const Timestamp now_;
  std::unique_ptr<struct archive, Free> archive_;
  std::map<std::string, std::string> sums_;  // by the member's name
  std::int64_t size_ = 0;
  std::int64_t flushed_ = 0;
};

}  // namespace izpo::archive
