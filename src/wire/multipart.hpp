#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace izpo::wire {

// The boundary of a Content-Type "multipart/form-data; boundary=…" (RFC 2046 §5.1.1: at most 70 characters);
// nullopt when it is another type or has none that is good.
std::optional<std::string> multipart_boundary(std::string_view content_type);

// The head of one part (RFC 7578 §4.2, §4.8).
struct PartHead {
  std::string name;
  std::optional<std::string> filename;  // as it was sent: not yet clean
};

// Reads a multipart/form-data body (RFC 7578) that comes in pieces cut anywhere, without copying it. What
// stands before the first boundary and after the last one is dropped.
class MultipartParser {
 public:
  struct Limits {
    std::size_t parts = 1'000;
    std::size_t head_bytes = 8UZ * 1024;     // of one part
    std::size_t dropped_bytes = 8UZ * 1024;  // around the parts
  };
  enum class Failure : std::uint8_t { kMalformed, kTooManyParts, kHeadTooLarge };

  struct Event {
    enum class Kind : std::uint8_t {
      kNeedInput,  // all of the input is taken
      kPart,       // one begins: part() says what it is
      kData,       // of the part: `data`, good until the next call and as long as the input
      kPartEnd,
      kEnd,  // of the last part; what follows is of no interest
    };
    Kind kind;
    std::string_view data = {};
  };

  explicit MultipartParser(std::string_view boundary) : MultipartParser(boundary, Limits{}) {}
  MultipartParser(std::string_view boundary, Limits limits);

  // The next event in `input`, from whose front it takes what it has understood. After a failure the parser
  // is of no use; after kEnd it takes everything and says kNeedInput.
  std::expected<Event, Failure> next(std::string_view& input);

  const PartHead& part() const { return part_; }
  bool ended() const { return step_ == Step::kEpilogue; }

 private:
  using Outcome = std::expected<Event, Failure>;
  enum class Step : std::uint8_t { kPreamble, kAfterBoundary, kHead, kData, kEpilogue };

  Outcome drop_preamble(std::string_view& input);
  Outcome after_boundary(std::string_view& input);
  Outcome read_head(std::string_view& input);
  Outcome read_data(std::string_view& input);
  Outcome drop(std::size_t bytes);
  std::string_view take_data(std::string_view& input, bool& at_boundary);

  const std::string delimiter_;  // CRLF, two dashes, boundary (RFC 2046 §5.1.1)
  const Limits limits_;
  Step step_ = Step::kPreamble;
  // How much of the delimiter the last bytes were; those are taken, and not given yet. The body begins as if
  // a CRLF stood before it.
  std::size_t matched_ = 2;
  std::string line_;  // the head so far, or what follows a boundary
  std::size_t dropped_ = 0;
  std::size_t parts_ = 0;
  bool at_end_of_part_ = false;
  PartHead part_;
};

}  // namespace izpo::wire
