#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace izpo::api {

struct ByteRange {
  std::int64_t first = 0;
  std::int64_t length = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct Unsatisfiable {};

// The part of `size` bytes that a Range field asks for (RFC 9110 §14.2); nullopt: all of them, which is also
// the answer to what is no byte range, and to several ranges at once.
std::expected<std::optional<ByteRange>, Unsatisfiable> byte_range(std::string_view field, std::int64_t size);

}  // namespace izpo::api
