#pragma once

#include <cstdint>
#include <string_view>

namespace izpo::gcs {

// CRC-32C (Castagnoli; RFC 3720 §B.4), about 2 GB/s: of bytes that follow those whose CRC is `before`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace izpo::gcs
