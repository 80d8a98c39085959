#include "wire/image_size.hpp"

#include <cstddef>
#include <utility>

namespace izpo::wire {

namespace {

enum class Order : std::uint8_t { kBig, kLittle };

// Numbers out of bytes; past the end it reads zeros, which no size passes.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes, Order order = Order::kBig) : bytes_(bytes), order_(order) {}

  std::uint32_t number(std::size_t at, std::size_t width) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      value = (value << 8U) | byte(order_ == Order::kBig ? at + i : at + width - 1 - i);
    }
    return value;
  }
  std::uint32_t byte(std::size_t at) const {
    return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0;
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  Order order_;
};

std::optional<PixelSize> of(std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) return std::nullopt;
  return PixelSize{.width = width, .height = height};
}

// ISO/IEC 15948 §11.2.2: IHDR comes first.
std::optional<PixelSize> png_size(std::string_view head) {
  if (head.substr(12, 4) != "IHDR") return std::nullopt;
  const Bytes bytes(head);
  return of(bytes.number(16, 4), bytes.number(20, 4));
}

std::optional<PixelSize> gif_size(std::string_view head) {
  const Bytes bytes(head, Order::kLittle);
  return of(bytes.number(6, 2), bytes.number(8, 2));
}

// RFC 9649: the first chunk is VP8, VP8L or VP8X.
std::optional<PixelSize> webp_size(std::string_view head) {
  const Bytes bytes(head, Order::kLittle);
  const std::string_view chunk = head.substr(12, 4);
  if (head.size() < 30) return std::nullopt;
  if (chunk == "VP8X") return of(bytes.number(24, 3) + 1, bytes.number(27, 3) + 1);
  if (chunk == "VP8L" && bytes.byte(20) == 0x2F) {
    const std::uint32_t packed = bytes.number(21, 4);
    return of((packed & 0x3FFFU) + 1, ((packed >> 14U) & 0x3FFFU) + 1);
  }
  if (chunk == "VP8 " && bytes.number(23, 3) == 0x2A019D) {
    return of(bytes.number(26, 2) & 0x3FFFU, bytes.number(28, 2) & 0x3FFFU);
  }
  return std::nullopt;
}

// Whether an Exif segment says that width and height change places: orientations 5 to 8 (Exif 2.3 §4.6.4).
bool is_turned(std::string_view segment) {
  if (!segment.starts_with(std::string_view("Exif\0\0", 6))) return false;
  const std::string_view tiff = segment.substr(6);
  if (!tiff.starts_with("II") && !tiff.starts_with("MM")) return false;
  const Bytes bytes(tiff, tiff.starts_with("II") ? Order::kLittle : Order::kBig);
  const std::size_t directory = bytes.number(4, 4);
  const std::size_t entries = bytes.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > bytes.size()) return false;
    if (bytes.number(entry, 2) != 0x0112) continue;
    const std::uint32_t orientation = bytes.number(entry + 8, 2);
    return orientation >= 5 && orientation <= 8;
  }
  return false;
}

// ITU-T T.81 §B.1: markers and segments up to the frame header.
std::optional<PixelSize> jpeg_size(std::string_view head) {
  const Bytes bytes(head);
  bool turned = false;
  for (std::size_t at = 2; at + 4 <= head.size();) {
    if (bytes.byte(at) != 0xFF) return std::nullopt;
    const std::uint32_t marker = bytes.byte(at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    const std::size_t length = bytes.number(at + 2, 2);
    if (length < 2 || marker == 0xD9 || marker == 0xDA) return std::nullopt;
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) {
      auto size = of(bytes.number(at + 7, 2), bytes.number(at + 5, 2));
      if (size && turned) std::swap(size->width, size->height);
      return size;
    }
    if (marker == 0xE1) turned = turned || is_turned(head.substr(at + 4, length - 2));
    at += 2 + length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PixelSize> image_size(std::string_view head) {
  if (head.size() < 24) return std::nullopt;
  if (head.starts_with("\x89PNG\r\n\x1A\n")) return png_size(head);
  if (head.starts_with("GIF87a") || head.starts_with("GIF89a")) return gif_size(head);
  if (head.starts_with("\xFF\xD8")) return jpeg_size(head);
  if (head.starts_with("RIFF") && head.substr(8, 4) == "WEBP") return webp_size(head);
  return std::nullopt;
}

}  // namespace izpo::wire
