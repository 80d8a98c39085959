#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace izpo::wire {

struct PixelSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const PixelSize&, const PixelSize&) = default;
};

// The size of a PNG, JPEG, GIF or WebP as it is shown (a JPEG that its Exif data turns lies on its side),
// read from its first bytes. Nothing is decoded. nullopt: it is none of them, broken, or its size stands
// later.
std::optional<PixelSize> image_size(std::string_view head);

}  // namespace izpo::wire
