#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/frame_receiver.hpp"

// Any bytes from a client: nothing read or written out of bounds (the sanitizers see to it), the same events
// in whatever pieces the bytes come, and no event that breaks what the decoder promises. Input: the limit and
// whether compression was agreed on, the size of the pieces, then the stream.
namespace {

void check(bool promise) {
  if (!promise) std::abort();
}

void check_event(std::string_view event, std::size_t limit) {
  const std::string_view kind = event.substr(0, event.find(':'));
  const std::string_view payload = event.substr(kind.size() + 1);
  if (kind == "text") check(simdjson::validate_utf8(payload.data(), payload.size()));
  if (kind == "text" || kind == "binary") check(payload.size() <= limit);
  if (kind == "ping" || kind == "pong") check(payload.size() <= 125);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t limit = std::size_t{data[0]} * 8;
  const bool compression = data[0] % 2 == 1;
  const std::size_t piece = std::size_t{data[1]} + 1;
  const std::string stream(reinterpret_cast<const char*>(data + 2), size - 2);

  izpo::test::FrameReceiver whole(limit, compression);
  whole.feed(stream);
  izpo::test::FrameReceiver cut(limit, compression);
  for (std::size_t at = 0; at < stream.size(); at += piece) cut.feed(stream.substr(at, piece));

  check(whole.seen() == cut.seen());
  for (const std::string& event : whole.seen()) check_event(event, limit);
  return 0;
}
