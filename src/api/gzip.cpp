#include "api/gzip.hpp"

#include <zlib.h>

#include <cstring>
#include <limits>
#include <stdexcept>

namespace izpo::api {

std::string gunzip(std::string_view gzipped) {
  // The last four bytes are the size of what is inside (RFC 1952 §2.3.1), little-endian.
  if (gzipped.size() < 18 || gzipped.size() > std::numeric_limits<uInt>::max()) {
    throw std::runtime_error("no gzip file");
  }
  std::size_t size = 0;
  for (std::size_t byte = 1; byte <= 4; ++byte) {
    size = size << 8 | static_cast<unsigned char>(gzipped[gzipped.size() - byte]);
  }
  std::string out(size, '\0');
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
  // zlib's next_in is not const by an oversight of old; it is only read.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzipped.data()));
  stream.avail_in = static_cast<uInt>(gzipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (outcome != Z_STREAM_END || stream.avail_out != 0) throw std::runtime_error("a broken gzip file");
  return out;
}

}  // namespace izpo::api
