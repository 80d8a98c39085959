#include "wire/chunked.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

namespace izpo::wire {
namespace {

using namespace std::string_literals;

struct Decoded {
  std::string body;
  std::string rest;
  bool done = false;
  std::optional<ChunkedDecoder::Failure> failure;
};

// In pieces of `step` bytes, into a buffer of `room`.
Decoded decode(std::string_view input, std::size_t step, std::size_t room) {
  ChunkedDecoder decoder;
  Decoded result;
  std::string buffer(room, '\0');
  while (!input.empty() && !decoder.done()) {
    const std::string_view piece = input.substr(0, step);
    const auto progress = decoder.decode(piece, buffer);
    if (!progress) {
      result.failure = progress.error();
      return result;
    }
    EXPECT_GT(progress->taken, 0U);
    result.body.append(buffer, 0, progress->given);
    input.remove_prefix(progress->taken);
  }
  result.rest = input;
  result.done = decoder.done();
  return result;
}

// RFC 9112 §7.1
TEST(Chunked, DecodesHoweverItIsCut) {
  const std::string input =
      "4\r\nWiki\r\n"
      "00a;name=value;other=\"quoted; \xC3\xA1\"\r\n0123456789\r\n"
      "3 \t;x\r\n\r\n\n\r\n"
      "0;last\r\nTrailer: value\r\nAnother: one\r\n\r\n"
      "GET /next";
  for (std::size_t step = 1; step <= input.size(); ++step) {
    for (const std::size_t room : {1UZ, 3UZ, 100UZ}) {
      const Decoded decoded = decode(input, step, room);
      EXPECT_FALSE(decoded.failure) << step;
      EXPECT_TRUE(decoded.done);
      EXPECT_EQ(decoded.body, "Wiki0123456789\r\n\n");
      EXPECT_EQ(decoded.rest, "GET /next");
    }
  }
}

TEST(Chunked, AnEmptyBodyByteByByte) {
  const Decoded decoded = decode("0\r\n\r\n", 1, 10);
  EXPECT_TRUE(decoded.done);
  EXPECT_EQ(decoded.body, "");
}

TEST(Chunked, RefusesWhatTwoRecipientsCouldReadDifferently) {
  for (const std::string& input : {"\r\nbody"s,
                                   "g\r\n"s,
                                   "-1\r\n"s,
                                   "+1\r\n"s,
                                   "0x1\r\n"s,
                                   " 1\r\nx"s,
                                   "1 \r\nx"s,
                                   "1\nx"s,
                                   "1\r\r\nx"s,
                                   "1\r\nxy\r\n"s,
                                   "1\r\nx\n"s,
                                   "1\r\nx\r0"s,
                                   "1;a=\"\n\"\r\nx"s,
                                   "1;a\0b\r\nx"s,
                                   "1;\x7f\r\n"s,
                                   "0\r\nA: b\n\r\n"s,
                                   "0\r\n b\r\n\r\n"s,
                                   "0\r\nA: b\r\n c\r\n\r\n"s,
                                   "0\r\nA: \0\r\n\r\n"s,
                                   "0\r\n\r0"s,
                                   "10000000000000000\r\n"s,
                                   "fffffffffffffffff\r\n"s}) {
    for (std::size_t step = 1; step <= input.size(); ++step) {
      EXPECT_EQ(decode(input, step, 100).failure, ChunkedDecoder::Failure::kMalformed) << input;
    }
  }
}

TEST(Chunked, TheLargestSizeIsTaken) {
  ChunkedDecoder decoder;
  std::array<char, 10> buffer;
  const auto progress = decoder.decode("ffffffffffffffff\r\nabc", buffer);
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->given, 3U);
  EXPECT_FALSE(decoder.done());
}

TEST(Chunked, LinesThatDoNotMatterHaveToEnd) {
  for (const std::string& input : {std::string(2000, '0'), "1;" + std::string(2000, 'a'),
                                   "1" + std::string(2000, ' '), "0\r\n" + std::string(9000, 'a'), [] {
                                     std::string trailers = "0\r\n";
                                     for (int i = 0; i < 3000; ++i) trailers += "A: b\r\n";
                                     return trailers;
                                   }()}) {
    EXPECT_EQ(decode(input, 100, 100).failure, ChunkedDecoder::Failure::kTooLong) << input.substr(0, 10);
  }
}

}  // namespace
}  // namespace izpo::wire
