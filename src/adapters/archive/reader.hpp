#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/sha256.hpp"

struct archive;

namespace izpo::archive {

// An archive that a Writer made, read from its beginning to its end; also one that was compressed afterwards
// with gzip, xz or zstd. It is whole, and what it was, when next() has said that there are no more members:
// everything before is to be thrown away otherwise. Everything blocks. All methods fail with
// kStorageUnavailable; the error's detail is a line for the operator that names the file.
class Reader {
 public:
  static Result<Reader> open(std::filesystem::path file);

  struct Member {
    std::string name;  // as it stands there: whatever somebody wrote into the file
    std::int64_t size = 0;
  };

  // The next member, which is a regular file and no second one of its name. nullopt: that was the last one,
  // and all of them have the checksums that stand at the end. What was not read of the member before is
  // passed over.
  Result<std::optional<Member>> next();

  // Of the member: the next bytes, as many as `buffer` holds or as there are; 0: its end.
  Result<std::size_t> read(std::span<char> buffer);

  // SHA-256 of the member, which was read to its end.
  const std::string& sum() const { return sum_; }

 private:
  struct Free {
    void operator()(struct archive* archive) const;
  };
  Reader(std::filesystem::path file, std::unique_ptr<struct archive, Free> archive);

  Result<std::optional<Member>> next_header();
  Result<void> end_member();
  Result<void> check_sums();
  std::unexpected<Error> damaged(std::string_view why) const;

  std::filesystem::path file_;
  std::unique_ptr<struct archive, Free> archive_;
  std::optional<Sha256> digest_;  // while a member is read
  std::string name_;
  std::string sum_;
  std::map<std::string, std::string> sums_;  // of what was read, by the member's name
};

}  // namespace izpo::archive
