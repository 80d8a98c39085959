#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

// Whole database files, for backup and restore. Everything blocks, and fails with kStorageUnavailable and
// kStorageFull; the error's detail names the file.
namespace izpo::sqlite {

// Copies the database as it is at one moment into the empty file `into`, while a server goes on writing. One
// read transaction (VACUUM INTO): a copy in steps would begin again whenever somebody has written. As long as
// it takes, the log beside the database is not cut. `goes_on` is asked every few milliseconds; when it says
// no, this fails with kShuttingDown.
Result<void> copy_database(const std::filesystem::path& database, const std::filesystem::path& into,
                           std::function<bool()> goes_on);

// Looks at every page and every reference. Fails when something is wrong, and says what first.
Result<void> check_database(const std::filesystem::path& database);

// The blobs of all files that are not deleted, in order, each once.
Result<std::vector<std::string>> blobs_of_files(const std::filesystem::path& database);

// Deletes the files that have these blobs.
Result<void> delete_files_of(const std::filesystem::path& database, std::span<const std::string> blobs,
                             Timestamp now);

}  // namespace izpo::sqlite
