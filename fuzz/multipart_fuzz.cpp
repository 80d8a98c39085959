#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/form_receiver.hpp"
#include "wire/image_size.hpp"

// Any form from a client: the same parts in whatever pieces it comes, nothing out of bounds, no more data
// than was sent. Its bytes are also looked at as an image's. Input: the size of the pieces, then the body,
// whose boundary is "b".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);

  izpo::wire::test::FormReceiver whole("b");
  whole.feed(body);
  izpo::wire::test::FormReceiver cut("b");
  for (std::size_t at = 0; at < body.size(); at += piece) cut.feed(std::string_view(body).substr(at, piece));
  if (whole.seen() != cut.seen()) std::abort();

  std::size_t given = 0;
  for (const std::string& part : whole.seen()) given += part.size();
  if (given > body.size() + 16) std::abort();

  const auto pixels = izpo::wire::image_size(body);
  if (pixels && (pixels->width == 0 || pixels->height == 0)) std::abort();
  return 0;
}
