#pragma once

#include <string>

#include "ports/file_links.hpp"

namespace izpo::api {

// How the files of one answer are linked to.
struct Links {
  const FileLinks& files;
  std::string base_url;  // without a slash at its end

  std::string of(const File& file) const { return files.link(file, base_url); }
};

}  // namespace izpo::api
