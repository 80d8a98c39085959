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
};

// The file with the link in place of its public_url.
inline File with_link(File file, const FileLinks& links, std::string_view base_url) {
  file.public_url = links.link(file, base_url);
  return file;
}

}  // namespace izpo
