#include "domain/content_digest.hpp"

#include <llvm-c/blake3.h>

#include <array>

#include "base/text.hpp"

namespace izpo {

struct ContentDigest::State {
  llvm_blake3_hasher hasher;
};

ContentDigest::ContentDigest() : state_(std::make_unique<State>()) {
  llvm_blake3_hasher_init(&state_->hasher);
}

ContentDigest::~ContentDigest() = default;

void ContentDigest::add(std::span<const char> bytes) {
  llvm_blake3_hasher_update(&state_->hasher, bytes.data(), bytes.size());
}

std::string ContentDigest::hex() const {
  std::array<unsigned char, LLVM_BLAKE3_OUT_LEN> digest{};
  llvm_blake3_hasher_finalize(&state_->hasher, digest.data(), digest.size());
  return to_hex(digest);
}

}  // namespace izpo
