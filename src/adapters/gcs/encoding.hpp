#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace izpo::gcs {

// RFC 4648 §4, with padding, and §5, without.
std::string base64(std::span<const unsigned char> bytes);
std::string base64url(std::string_view bytes);

// A CRC-32C as the storage writes it: base64 of its four bytes, the highest first.
std::string crc32c_text(std::uint32_t crc);

// The one in a field such as "crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==".
std::optional<std::string> crc32c_of_hash_header(std::string_view field);

// RFC 3339, as the storage writes times: 2026-09-23T18:25:43.511Z.
std::optional<Timestamp> parse_time(std::string_view text);

// 20260923T182543Z
std::string basic_time(Timestamp time);

}  // namespace izpo::gcs
