#include "wire/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "wire/websocket.hpp"

namespace izpo::wire {
namespace {

// §7.2.1: what a flush ends with, left out on the way.
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);

constexpr int kRawWindow = -15;           // 32 KiB, no zlib header
constexpr int kAtBlockBoundary = 128;     // of z_stream::data_type
constexpr std::size_t kLeastRoom = 1024;  // bytes

// zlib's pointer to input is not const, and it only reads.
unsigned char* input(std::string_view bytes) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
}

class Deflater {
 public:
  Deflater() {
    // Level 1: on messages of up to 400 bytes level 6 gains 1 %, on those of 10,000 it takes five times as
    // long. A smaller memory costs no byte, and less to reset.
    constexpr int kMemoryLevel = 5;
    if (deflateInit2(&stream_, 1, Z_DEFLATED, kRawWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  std::string compress(std::string_view payload) {
    deflateReset(&stream_);
    stream_.next_in = input(payload);
    stream_.avail_in = static_cast<uInt>(payload.size());
    std::string out;
    // deflateBound() is for a finished stream; a flush needs up to one empty block more.
    out.resize_and_overwrite(deflateBound(&stream_, payload.size()) + 2 * kTail.size(),
                             [this](char* data, std::size_t size) {
                               stream_.next_out = reinterpret_cast<unsigned char*>(data);
                               stream_.avail_out = static_cast<uInt>(size);
                               deflate(&stream_, Z_SYNC_FLUSH);
                               return size - stream_.avail_out;
                             });
    out.resize(out.size() - kTail.size());
    return out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string compress_frame(std::string_view frames) {
  thread_local Deflater deflater;
  std::string out;
  bool gained = false;
  while (!frames.empty()) {
    const std::string_view payload = frame_payload(frames);
    const auto size = static_cast<std::size_t>(payload.end() - frames.begin());
    std::string compressed;
    if (payload.size() >= kLeastCompressed) compressed = deflater.compress(payload);
    if (!compressed.empty() && compressed.size() < payload.size()) {
      gained = true;
      out += encode_frame(frame_opcode(frames), compressed, Compressed::kYes);
    } else {
      out += frames.substr(0, size);
    }
    frames.remove_prefix(size);
  }
  return gained ? out : std::string();
}

Inflater::Inflater() : stream_(std::make_unique<z_stream>()) {
  *stream_ = {};
  if (inflateInit2(stream_.get(), kRawWindow) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
  inflateEnd(stream_.get());
}

Inflater::Outcome Inflater::feed(std::string_view piece, std::string& out, std::size_t most) {
  if (piece.empty()) return Outcome::kGood;
  z_stream& stream = *stream_;
  stream.next_in = input(piece);
  stream.avail_in = static_cast<uInt>(piece.size());
  for (;;) {
    const std::size_t before = out.size();
    const std::size_t room =
        std::min(most + 1 - before, std::max(kLeastRoom, 4 * std::size_t{stream.avail_in}));
    int status = Z_OK;
    // What the operation is given as the size may be more than was asked for (libstdc++ 12).
    out.resize_and_overwrite(before + room, [&](char* data, std::size_t) {
      stream.next_out = reinterpret_cast<unsigned char*>(data) + before;
      stream.avail_out = static_cast<uInt>(room);
      status = inflate(&stream, Z_SYNC_FLUSH);
      return before + room - stream.avail_out;
    });
    if (out.size() > most) return Outcome::kTooBig;
    final_ = status == Z_STREAM_END;
    if (final_) {
      inflateReset(&stream);  // §7.2.3.4: a final block may be followed by others
      if (stream.avail_in == 0) return Outcome::kGood;
    } else if (status == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return Outcome::kBroken;
    }
    if (stream.avail_in == 0 && stream.avail_out != 0) return Outcome::kGood;
  }
}

Inflater::Outcome Inflater::finish(std::string& out, std::size_t most) {
  if (final_) return Outcome::kGood;
  const Outcome outcome = feed(kTail, out, most);
  if (outcome != Outcome::kGood) return outcome;
  return (stream_->data_type & kAtBlockBoundary) != 0 ? Outcome::kGood : Outcome::kBroken;
}

}  // namespace izpo::wire
