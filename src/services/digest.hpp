#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace izpo::services {

using Digest = std::array<unsigned char, 32>;

// SHA-256, 0.2 µs for an access token.
Digest sha256(std::string_view bytes);

// RFC 4648 §5, without padding.
std::string base64url(std::span<const unsigned char> bytes);

// For tables keyed by a digest: it is as good as random already.
struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t head = 0;
    std::memcpy(&head, digest.data(), sizeof head);
    return head;
  }
};

}  // namespace izpo::services
