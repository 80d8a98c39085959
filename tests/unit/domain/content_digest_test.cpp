#include "domain/content_digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace izpo {
namespace {

std::string digest_of(std::string_view bytes, std::size_t piece) {
  ContentDigest digest;
  for (std::size_t at = 0; at < bytes.size(); at += piece) digest.add(bytes.substr(at, piece));
  return digest.hex();
}

// The input of the published vectors (BLAKE3 test_vectors.json): 0, 1, … 250, and again.
std::string counted(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i % 251);
  return bytes;
}

TEST(ContentDigest, FitsThePublishedVectors) {
  EXPECT_EQ(digest_of("", 1), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  EXPECT_EQ(digest_of(counted(1024), 1024),
            "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7");
  EXPECT_EQ(digest_of(counted(102'400), 102'400),
            "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085");
}

TEST(ContentDigest, IsTheSameHoweverTheBytesAreCut) {
  const std::string bytes = counted(102'400);
  for (const std::size_t piece : {1UZ, 63UZ, 1'024UZ, 1'025UZ, 65'536UZ})
    EXPECT_EQ(digest_of(bytes, piece), digest_of(bytes, bytes.size())) << piece;
}

}  // namespace
}  // namespace izpo
