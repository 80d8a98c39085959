#pragma once

#include <string>
#include <string_view>

#include "ports/file_links.hpp"

namespace izpo::testing {

// Links that show what they were made from.
class PlainLinks final : public FileLinks {
 public:
  std::string link(const File& file, std::string_view base_url) const override {
    return std::string(base_url) + "/files/" + std::to_string(file.id.value);
  }
  bool has_thumbnails(const File& file) const override { return file.image_size.has_value(); }
};

}  // namespace izpo::testing
