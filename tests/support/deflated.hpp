#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace izpo::test {

// The payload of a compressed message (RFC 7692 §7.2.1) as any compressor would make it. Z_FINISH ends it
// with a final block.
inline std::string deflated(std::string_view text, int level = Z_DEFAULT_COMPRESSION,
                            int flush = Z_SYNC_FLUSH) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return flush == Z_FINISH ? out + '\0' : out.substr(0, out.size() - 4);
}

}  // namespace izpo::test
