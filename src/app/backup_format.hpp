#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

// What stands in a backup: a tar archive of these files, and SHA256SUMS at its end. `tar -x` makes a data
// directory of it; izpochat restore also checks it and begins a new epoch.
namespace izpo::app::backup_format {

inline constexpr std::string_view kAbout =
    "izpochat-backup.json";  // first: the format's number, who made it and when
inline constexpr std::string_view kDatabase = "izpochat.db";
inline constexpr std::string_view kKey = "secret.key";  // unless SECRET_KEY was set
inline constexpr std::string_view kBlobs = "blobs/";    // blobs/ab/cd/abcd…, as in the data directory

inline std::string blob_member(std::string_view name) {
  return fmt::format("{}{}/{}/{}", kBlobs, name.substr(0, 2), name.substr(2, 2), name);
}

// Grows when an older program could not restore what a newer one backs up.
inline constexpr int kFormat = 1;

}  // namespace izpo::app::backup_format
