#pragma once

#include <cstdint>
#include <string_view>

namespace izpo::wire {

// Checks UTF-8 that arrives in pieces cut anywhere, and refuses it at the first byte that no valid text can
// have there: overlong forms, surrogates and anything above U+10FFFF included (Unicode 15, table 3-7).
class Utf8Stream {
 public:
  // False once the text so far is the start of no valid one; the object is of no use from then on.
  bool feed(std::string_view piece);

  // No code point is open: the text could end here.
  bool complete() const { return pending_ == 0; }

 private:
  bool step(unsigned char byte);

  std::uint8_t pending_ = 0;  // continuation bytes that the open code point still wants
  std::uint8_t low_ = 0x80;   // bounds of the next of them
  std::uint8_t high_ = 0xBF;
};

}  // namespace izpo::wire
