#include "wire/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/client_frames.hpp"

// Grouped by the sections of RFC 6455.
namespace izpo::wire {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kLimit = 1 << 20;

// What came out, as text that reads well when a test fails: "text:hello", "close:1000:bye", "fail:1002".
std::string describe(const Event& event) {
  const std::string payload(event.payload);
  switch (event.opcode) {
    case Opcode::kText: return "text:" + payload;
    case Opcode::kBinary: return "binary:" + payload;
    case Opcode::kPing: return "ping:" + payload;
    case Opcode::kPong: return "pong:" + payload;
    case Opcode::kClose: return "close:" + std::to_string(event.close_code) + ":" + payload;
    case Opcode::kContinuation: break;
  }
  return "a continuation is no event";
}

// Feeds pieces as they would be received, and keeps what came out.
class Receiver {
 public:
  explicit Receiver(std::size_t limit = kLimit) : decoder_(limit) {}

  Receiver& feed(std::string piece) {
    std::span<char> input(piece);
    for (;;) {
      const auto event = decoder_.next(input);
      if (!event) {
        seen.push_back("fail:" + std::to_string(event.error().close_code));
        reason = event.error().reason;
      } else if (*event) {
        seen.push_back(describe(**event));
      } else {
        EXPECT_TRUE(input.empty()) << "nullopt promises that all was taken";
        return *this;
      }
    }
  }

  // One byte at a time, each in a buffer of its own size, so that a sanitizer sees a step too far.
  Receiver& feed_bytes(std::string_view bytes) {
    for (const char byte : bytes) feed({byte});
    return *this;
  }

  std::vector<std::string> seen;
  std::string_view reason;

 private:
  Decoder decoder_;
};

// Whole and byte by byte must give the same.
std::vector<std::string> decoded(const std::string& bytes, std::size_t limit = kLimit) {
  const auto whole = Receiver(limit).feed(bytes).seen;
  EXPECT_EQ(whole, Receiver(limit).feed_bytes(bytes).seen);
  return whole;
}

TEST(Section5_7, TheExamplesOfTheRfc) {
  EXPECT_THAT(decoded("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), ElementsAre("text:Hello"));
  EXPECT_THAT(decoded("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), ElementsAre("ping:Hello"));
  EXPECT_EQ(encode_frame(Opcode::kText, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(encode_frame(Opcode::kPing, "Hello"), "\x89\x05Hello");
  const std::string half(256, 'x');
  const std::string full(65536, 'x');
  using namespace std::string_literals;
  EXPECT_EQ(encode_frame(Opcode::kBinary, half), "\x82\x7E\x01\x00"s + half);
  EXPECT_EQ(encode_frame(Opcode::kBinary, full), "\x82\x7F\0\0\0\0\0\x01\0\0"s + full);
}

}  // namespace
}  // namespace izpo::wire
