#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

// The messages of permessage-deflate (RFC 7692 §7.2), each compressed by itself: no context is taken over
// from one to the next, in neither direction. So a message compressed once is good for every socket, and
// nothing is kept between two messages.
namespace izpo::wire {

// Payloads below so many bytes are not worth compressing: without a context there is nothing to refer to.
inline constexpr std::size_t kLeastCompressed = 96;

// The same messages as `frame`, a whole frame of encode_frame() with a text or binary message, or several of
// them, each compressed where that makes it smaller. Empty when none is. Any thread; the compressor's 150 KiB
// are one for each thread that calls this.
std::string compress_frame(std::string_view frame);

// One compressed message on its way in. Owns up to 40 KiB.
class Inflater {
 public:
  enum class Outcome : std::uint8_t { kGood, kTooBig, kBroken };

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what the next piece of the message holds to `out`. kTooBig: `out` would get more than `most`
  // bytes; it has got one more, however much there was to come.
  Outcome feed(std::string_view piece, std::string& out, std::size_t most);

  // The message has ended. Appends what was still to come; kBroken when it ended in the middle of a block.
  Outcome finish(std::string& out, std::size_t most);

 private:
  std::unique_ptr<z_stream_s> stream_;
  bool final_ = false;  // a final block has ended, and nothing came after it
};

}  // namespace izpo::wire
