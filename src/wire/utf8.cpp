#include "wire/utf8.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace izpo::wire {
namespace {

// How many bytes at the end of `text` may belong to a code point that goes on after it: from its last lead
// byte, when that stands among the last three.
std::size_t open_tail(std::string_view text) {
  const std::size_t most = std::min<std::size_t>(text.size(), 3);
  for (std::size_t length = 1; length <= most; ++length) {
    const auto byte = static_cast<unsigned char>(text[text.size() - length]);
    if (byte >= 0xC0) return length;
    if (byte < 0x80) return 0;
  }
  return 0;
}

}  // namespace

bool Utf8Stream::feed(std::string_view piece) {
  while (pending_ != 0 && !piece.empty()) {
    if (!step(static_cast<unsigned char>(piece.front()))) return false;
    piece.remove_prefix(1);
  }
  const std::size_t tail = open_tail(piece);
  const std::string_view whole = piece.substr(0, piece.size() - tail);
  if (!whole.empty() && !simdjson::validate_utf8(whole.data(), whole.size())) return false;
  return std::ranges::all_of(piece.substr(whole.size()),
                             [this](char byte) { return step(static_cast<unsigned char>(byte)); });
}

bool Utf8Stream::step(unsigned char byte) {
  if (pending_ != 0) {
    if (byte < low_ || byte > high_) return false;
    --pending_;
    low_ = 0x80;
    high_ = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  pending_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) low_ = 0xA0;   // below: overlong
  if (byte == 0xED) high_ = 0x9F;  // above: surrogates
  if (byte == 0xF0) low_ = 0x90;   // below: overlong
  if (byte == 0xF4) high_ = 0x8F;  // above: beyond U+10FFFF
  return true;
}

}  // namespace izpo::wire
