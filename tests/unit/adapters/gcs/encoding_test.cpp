#include "adapters/gcs/encoding.hpp"

#include <gtest/gtest.h>

#include <string>

#include "adapters/gcs/blobs.hpp"
#include "adapters/gcs/crc32c.hpp"

namespace izpo::gcs {
namespace {

TEST(Crc32c, IsThatOfItsStandard) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  // RFC 3720 §B.4
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
}

TEST(Crc32c, GoesOnWithMoreBytes) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7);
  for (const std::size_t cut : {0UZ, 1UZ, 7UZ, 8UZ, 9UZ, 500UZ, 1000UZ})
    EXPECT_EQ(crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))), crc32c(bytes)) << cut;
}

TEST(Encoding, WritesAChecksumAsTheStorageDoes) {
  EXPECT_EQ(crc32c_text(crc32c("hello")), "mnG7TA==");
  EXPECT_EQ(crc32c_of_hash_header("crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg=="), "mnG7TA==");
  EXPECT_EQ(crc32c_of_hash_header("md5=XUFAKrxLKna5cZ2REBfFkg==, crc32c=mnG7TA=="), "mnG7TA==");
  EXPECT_EQ(crc32c_of_hash_header("md5=XUFAKrxLKna5cZ2REBfFkg=="), std::nullopt);
}

TEST(Encoding, WritesBase64InBothAlphabets) {
  const std::string bytes = "\xFB\xFF\xFE\x01";
  EXPECT_EQ(base64(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size())),
            "+//+AQ==");
  EXPECT_EQ(base64url(bytes), "-__-AQ");
  EXPECT_EQ(base64({}), "");
}

TEST(Encoding, ReadsTimes) {
  const auto whole = parse_time("2026-09-23T18:25:43Z");
  ASSERT_TRUE(whole);
  EXPECT_EQ(iso8601(*whole), "2026-09-23T18:25:43.000000Z");
  EXPECT_EQ(parse_time("2026-09-23T18:25:43.5Z"), *whole + std::chrono::milliseconds(500));
  EXPECT_EQ(parse_time("2026-09-23T18:25:43.123456789Z"), *whole + std::chrono::microseconds(123'456));
  EXPECT_EQ(basic_time(*whole), "20260923T182543Z");
  for (const char* bad : {"", "2026", "2026-09-23T18:25:43", "2026-13-23T18:25:43Z", "2026-09-23T18:25:43.xZ",
                          "2026-09-23T18:2", "abcd-09-23T18:25:43Z"})
    EXPECT_EQ(parse_time(bad), std::nullopt) << bad;
}

TEST(ObjectNames, AreThoseOfStoredFiles) {
  EXPECT_TRUE(is_object_name("2025/09/23/4b0f5a2e-8c1d-4e7a-9b3c-2d1e0f9a8b7c.png"));
  EXPECT_TRUE(is_object_name("2025/09/23/a"));
  for (const char* other : {"", "..", "../../etc/passwd", "2025/09/23/", "2025/09/23/a/b", "2025/09/23/a b",
                            "2025-09-23/a", "x025/09/23/a", "/2025/09/23/a", "2025/09/23/ñ"})
    EXPECT_FALSE(is_object_name(other)) << other;
  EXPECT_FALSE(is_object_name("2025/09/23/" + std::string(200, 'a')));
}

}  // namespace
}  // namespace izpo::gcs
