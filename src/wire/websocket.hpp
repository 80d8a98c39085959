#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace izpo::wire {

enum class Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA
};

// A whole unfragmented, unmasked frame (server to client), RFC 6455 §5.2.
std::string encode_frame(Opcode opcode, std::string_view payload);

}  // namespace izpo::wire
