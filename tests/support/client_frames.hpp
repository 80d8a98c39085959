#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/websocket.hpp"

// The client's side of RFC 6455, for tests and benchmarks: the server has no use for it.
namespace izpo::test {

using Mask = std::array<unsigned char, 4>;

// The key of the examples in RFC 6455 §5.7. A fixed one keeps tests repeatable.
inline constexpr Mask kMask{0x37, 0xFA, 0x21, 0x3D};

// §5.3. The same operation masks and unmasks.
inline std::string masked(std::string_view payload, const Mask& mask = kMask) {
  std::string out(payload);
  for (std::size_t at = 0; at < out.size(); ++at) out[at] = static_cast<char>(out[at] ^ mask[at % 4]);
  return out;
}

// A masked frame from its parts, whether they make sense or not. `first` is its first byte: FIN, reserved
// bits, opcode; `length_bytes` is how many bytes carry the length: 1, 2 or 8 (the marker apart), 0 for as few
// as will do.
inline std::string raw_frame(std::uint8_t first, std::string_view payload, std::size_t length_bytes = 0,
                             const Mask& mask = kMask) {
  if (length_bytes == 0) length_bytes = payload.size() < 126 ? 1 : payload.size() <= 0xFFFF ? 2 : 8;
  std::string frame{static_cast<char>(first)};
  if (length_bytes > 1) frame += length_bytes == 2 ? '\xFE' : '\xFF';
  for (std::size_t byte = length_bytes; byte-- > 0;) {
    frame += static_cast<char>(payload.size() >> 8 * byte & 0xFF);
  }
  if (length_bytes == 1) frame.back() = static_cast<char>(frame.back() | 0x80);
  frame.append(mask.begin(), mask.end());
  return frame + masked(payload, mask);
}

inline std::string client_frame(wire::Opcode opcode, std::string_view payload, bool fin = true,
                                const Mask& mask = kMask) {
  const auto first = static_cast<std::uint8_t>((fin ? 0x80U : 0U) | static_cast<unsigned>(opcode));
  return raw_frame(first, payload, 0, mask);
}

inline std::string client_close(std::uint16_t code, std::string_view reason = {}) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return client_frame(wire::Opcode::kClose, payload.append(reason));
}

}  // namespace izpo::test
