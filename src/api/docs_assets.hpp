#pragma once

#include <optional>
#include <string_view>

namespace izpo::api {

// A file of Swagger UI or ReDoc, as it is in the binary.
struct DocsAsset {
  std::string_view name;
  std::string_view content_type;
  std::string_view gzipped;
};

std::optional<DocsAsset> find_docs_asset(std::string_view name);

}  // namespace izpo::api
