#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "domain/file.hpp"

namespace izpo {

// Links by which a file is had without a header. Thread-safe.
class FileLinks {
 public:
  virtual ~FileLinks() = default;

  // Absolute: `base_url` is where this server's links start, without a slash at its end.
  virtual std::string link(const File& file, std::string_view base_url) const = 0;

  // Whether thumbnail_link() of its link leads to a picture.
  virtual bool has_thumbnails(const File& file) const = 0;
};

// The file with the link in place of its public_url.
inline File with_link(File file, const FileLinks& links, std::string_view base_url) {
  file.public_url = links.link(file, base_url);
  file.has_thumbnails = links.has_thumbnails(file);
  return file;
}

// Pictures of an image that are at most so many pixels wide and high.
inline constexpr int kThumbnailSide = 320;
inline constexpr int kPreviewSide = 1280;

// The link of such a picture, from that of the image: the same right.
inline std::string thumbnail_link(std::string_view link, int side) {
  return std::string(link) + "?size=" + std::to_string(side);
}

}  // namespace izpo
