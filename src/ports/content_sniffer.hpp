#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/file_type.hpp"

namespace izpo {

// Tells what a content is by its first bytes. Safe to call from any loop.
class ContentSniffer {
 public:
  virtual ~ContentSniffer() = default;

  // `head` must stay until it returns. Fails with kOverloaded and kInternal.
  virtual Task<Result<SniffedContent>> sniff(std::string_view head) = 0;
};

}  // namespace izpo
