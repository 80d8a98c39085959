#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "ports/random.hpp"

namespace izpo::app {

// The key kept in `directory`/secret.key. The first call makes it (64 hexadecimal digits from `random`, mode
// 0600) and returns when it is on disk; of several processes that make it at once, all get the same one. A
// file that others may read loses that right. Fails with one line for the operator.
std::expected<std::string, std::string> kept_secret_key(const std::filesystem::path& directory,
                                                        Random& random);

// The same when it is there; empty when it is not.
std::expected<std::string, std::string> existing_secret_key(const std::filesystem::path& directory);

// Keeps `key` there, as if it had been made there. Fails with one line when another is kept.
std::expected<void, std::string> keep_secret_key(const std::filesystem::path& directory,
                                                 const std::string& key);

}  // namespace izpo::app
