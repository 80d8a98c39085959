#include "adapters/gcs/crc32c.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace izpo::gcs {

namespace {

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// Eight bytes a step ("slicing by 8"): table n is for a byte that n others follow.
consteval Table make_table() {
  constexpr std::uint32_t kPolynomial = 0x82F63B78;  // reflected
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    table[0][byte] = crc;
  }
  for (std::size_t n = 1; n < table.size(); ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = table[n - 1][byte];
      table[n][byte] = (before >> 8U) ^ table[0][before & 0xFFU];
    }
  }
  return table;
}

constexpr Table kTable = make_table();

static_assert(std::endian::native == std::endian::little, "the words below are read as they lie in memory");

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    word ^= crc;
    crc = 0;
    for (std::size_t n = 0; n < 8; ++n) crc ^= kTable[7 - n][(word >> (8 * n)) & 0xFFU];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes)
    crc = (crc >> 8U) ^ kTable[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~crc;
}

}  // namespace izpo::gcs
