#pragma once

#include <memory>
#include <span>
#include <string>

namespace izpo {

// What bytes are known by: BLAKE3 with 256 bits (https://github.com/BLAKE3-team/BLAKE3-specs), of bytes that
// come in pieces. Pieces of 16 KiB and more are the cheapest: many of its blocks are hashed side by side. Two
// different contents with one digest cannot be made, so a name made of it is good against hostile files too.
class ContentDigest {
 public:
  ContentDigest();
  ~ContentDigest();
  ContentDigest(const ContentDigest&) = delete;
  ContentDigest& operator=(const ContentDigest&) = delete;

  void add(std::span<const char> bytes);
  std::string hex() const;  // of all that was added: 64 lower case hexadecimal digits

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace izpo
