#include "adapters/vips/image_scaler.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "domain/reasons.hpp"

namespace izpo::vips {

namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

Error cannot(std::string_view what) {
  return {reason::kInternal, fmt::format("cannot {}: {}", what, std::generic_category().message(errno))};
}

Descriptor make_stop() {
  Descriptor made(::eventfd(0, EFD_CLOEXEC));
  if (!made) throw std::system_error(errno, std::generic_category(), "eventfd");
  return made;
}

// The same file at a position of its own.
Result<Descriptor> opened_again(int descriptor) {
  Descriptor again(::open(fmt::format("/proc/self/fd/{}", descriptor).c_str(), O_RDONLY | O_CLOEXEC));
  if (!again) return fail(cannot("open the image again"));
  return again;
}

// The image in a file without a name, in memory.
Task<Result<Descriptor>> copied(BlobReader& image) {
  Descriptor file(::memfd_create("image", MFD_CLOEXEC));
  if (!file) co_return fail(cannot("make a file in memory"));
  std::vector<char> piece(kPiece);
  for (std::int64_t at = 0; at < image.size();) {
    IZPO_CO_TRY(const std::size_t count, co_await image.read(at, piece));
    if (count == 0) break;
    if (::pwrite(file.number(), piece.data(), count, at) != static_cast<ssize_t>(count))
      co_return fail(cannot("write to a file in memory"));
    at += static_cast<std::int64_t>(count);
  }
  co_return file;
}

std::uint32_t little_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const std::size_t at : {3UZ, 2UZ, 1UZ, 0UZ})
    value = value << 8U | static_cast<unsigned char>(four[at]);
  return value;
}

// The WebP without its Exif and XMP chunks (RFC 9649 §2.7), which `strip` leaves in when the colours are
// converted. What is no WebP is left as it is.
std::string without_metadata(std::string webp) {
  constexpr std::size_t kHead = 12;  // RIFF, size, WEBP
  constexpr std::size_t kChunkHead = 8;
  constexpr unsigned kSaysExifAndXmp = 0x0CU;
  if (webp.size() < kHead || !webp.starts_with("RIFF")) return webp;
  std::string kept = webp.substr(0, kHead);
  const std::string_view whole = webp;
  for (std::size_t at = kHead; at + kChunkHead <= whole.size();) {
    const std::string_view kind = whole.substr(at, 4);
    const std::size_t length = little_endian(whole.substr(at + 4, 4));
    const std::size_t size = kChunkHead + length + length % 2;
    if (size > whole.size() - at) return webp;
    const std::size_t place = kept.size();
    if (kind != "EXIF" && kind != "XMP ") kept += whole.substr(at, size);
    if (kind == "VP8X" && length > 0) {
      char& flags = kept[place + kChunkHead];
      flags = static_cast<char>(static_cast<unsigned char>(flags) & ~kSaysExifAndXmp);
    }
    at += size;
  }
  const auto size = static_cast<std::uint32_t>(kept.size() - 8);
  for (const unsigned byte : {0U, 1U, 2U, 3U})
    kept[4 + byte] = static_cast<char>(size >> (8U * byte) & 0xFFU);
  return kept;
}

}  // namespace

std::optional<std::string> find_program(const std::string& name, const std::string& path) {
  const auto is_program = [](const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.contains('/')) {
    const auto whole = std::filesystem::absolute(name);
    return is_program(whole) ? std::optional(whole.string()) : std::nullopt;
  }
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto file = std::filesystem::path(folder) / name;
    if (file.is_absolute() && is_program(file)) return file.string();
  }
  return std::nullopt;
}

ImageScaler::ImageScaler(ScalerOptions options)
    : options_(std::move(options)),
      stop_(make_stop()),
      pool_(options_.threads, options_.most_waiting,
            {.full = reason::kOverloaded, .stopping = reason::kShuttingDown, .failed = reason::kInternal}) {}

ImageScaler::~ImageScaler() {
  stop();
}

void ImageScaler::stop() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.number(), &one, sizeof one);
}

Task<Result<std::string>> ImageScaler::scale(BlobReader& image, int side) {
  Descriptor input;
  if (const int descriptor = image.descriptor(); descriptor >= 0) {
    IZPO_CO_TRY(input, opened_again(descriptor));
  } else {
    IZPO_CO_TRY(input, co_await copied(image));
  }
  co_return co_await pool_.run([this, &input, side]() -> Result<std::string> {
    // "stdin" and the format alone: libvips reads its standard input and writes to its output. It turns the
    // image by itself; ">" never enlarges.
    auto webp = run_child({options_.program, "stdin", "--size", fmt::format("{0}x{0}>", side),
                           "--export-profile", "srgb", "-o", ".webp[Q=80,strip,profile=none]"},
                          input.number(), stop_.number(), options_.limits);
    if (!webp) return webp;
    return without_metadata(*std::move(webp));
  });
}

}  // namespace izpo::vips
