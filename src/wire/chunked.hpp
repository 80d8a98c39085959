#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

namespace izpo::wire {

// Decodes one HTTP body in the chunked transfer coding (RFC 9112 §7.1), in pieces cut anywhere, and keeps no
// bytes. Extensions and trailers are dropped. Stricter than a recipient must be where two recipients could
// disagree: lines end in CRLF, and neither an extension nor a trailer holds a control character or is folded.
class ChunkedDecoder {
 public:
  struct Progress {
    std::size_t taken;  // off `input`
    std::size_t given;  // into `output`
  };
  enum class Failure : std::uint8_t {
    kMalformed,
    kTooLong
  };  // kTooLong: a size line's extension, the trailers

  // Goes on until `input` is taken, `output` is full or the body has ended. After a failure it is of no use.
  std::expected<Progress, Failure> decode(std::string_view input, std::span<char> output);

  // The body has ended; what follows in the input is another request's.
  bool done() const { return step_ == Step::kDone; }

 private:
  enum class Step : std::uint8_t {
    kSize,        // its first digit
    kSizeDigits,  // more digits, or what ends them
    kPadding,     // blanks before an extension
    kExtension,
    kSizeFeed,
    kData,
    kDataReturn,
    kDataFeed,
    kTrailerStart,
    kTrailer,
    kTrailerFeed,
    kLastFeed,
    kDone,
  };

  std::expected<void, Failure> take(char byte);
  std::expected<void, Failure> take_digit(char byte);
  std::expected<void, Failure> expect(char byte, char wanted, Step next);
  std::expected<void, Failure> skip(char byte, Step at_line_end, std::size_t limit);

  std::uint64_t left_ = 0;   // of the chunk's data
  std::size_t skipped_ = 0;  // of this extension, or of all trailers
  Step step_ = Step::kSize;
};

}  // namespace izpo::wire
