#include "wire/deflate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/client_frames.hpp"
#include "support/deflated.hpp"
#include "support/frame_receiver.hpp"
#include "wire/websocket.hpp"

// Grouped by the sections of RFC 7692.
namespace izpo::wire {
namespace {

using test::deflated;
using test::FrameReceiver;
using test::raw_frame;
using ::testing::ElementsAre;
using namespace std::string_literals;

constexpr std::size_t kLimit = 1 << 17;
constexpr std::uint8_t kCompressedText = 0xC1;  // FIN, RSV1
constexpr std::uint8_t kCompressedBinary = 0xC2;

using Seen = std::vector<std::string>;

// Whole and byte by byte must give the same.
Seen decoded(const std::string& bytes, std::size_t limit = kLimit) {
  const Seen whole = FrameReceiver(limit, true).feed(bytes).seen();
  FrameReceiver slow(limit, true);
  for (const char byte : bytes) slow.feed(std::string(1, byte));
  EXPECT_EQ(whole, slow.seen());
  return whole;
}

std::string compressed_text(std::string_view text) {
  return raw_frame(kCompressedText, deflated(text));
}

std::string random_letters(std::size_t size) {
  std::mt19937 random(7);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>('!' + random() % 90);
  return out;
}

TEST(Rfc7692_6, OnlyTheFirstFrameOfAMessageMayBeMarked) {
  EXPECT_THAT(decoded(raw_frame(0x41, "x") + raw_frame(0xC0, "x")),
              ElementsAre("fail:1002:reserved bits are set"));
  for (const int opcode : {0x8, 0x9, 0xA}) {
    EXPECT_THAT(decoded(raw_frame(static_cast<std::uint8_t>(0xC0 | opcode), "")),
                ElementsAre("fail:1002:reserved bits are set"));
  }
}

TEST(Rfc7692_6, TheOtherReservedBitsStayReserved) {
  for (const int bits : {0x20, 0x10, 0x60, 0x50, 0x70}) {
    EXPECT_THAT(decoded(raw_frame(static_cast<std::uint8_t>(0x81 | bits), "x")),
                ElementsAre("fail:1002:reserved bits are set"));
  }
}

TEST(Rfc7692_6, WithoutAgreementTheMarkIsAReservedBit) {
  EXPECT_THAT(FrameReceiver(kLimit).feed(compressed_text("hello")).seen(),
              ElementsAre("fail:1002:reserved bits are set"));
}

TEST(Rfc7692_6, PlainMessagesStayPossible) {
  EXPECT_THAT(decoded(raw_frame(0x81, "plain") + compressed_text("compressed") + raw_frame(0x81, "plain")),
              ElementsAre("text:plain", "text:compressed", "text:plain"));
}

TEST(Rfc7692_7_2_3, TheExamplesAreRead) {
  const std::string one_block = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;
  EXPECT_THAT(decoded(raw_frame(kCompressedText, one_block)), ElementsAre("text:Hello"));
  EXPECT_THAT(decoded(raw_frame(0x41, one_block.substr(0, 3)) + raw_frame(0x80, one_block.substr(3))),
              ElementsAre("text:Hello"));
  const std::string stored = "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s;
  EXPECT_THAT(decoded(raw_frame(kCompressedText, stored)), ElementsAre("text:Hello"));
  const std::string final = "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s;
  EXPECT_THAT(decoded(raw_frame(kCompressedText, final)), ElementsAre("text:Hello"));
  const std::string two_blocks = "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s;
  EXPECT_THAT(decoded(raw_frame(kCompressedText, two_blocks)), ElementsAre("text:Hello"));
}

TEST(Rfc7692_7_2_2, MessagesOfEverySizeAndCompressorComeBack) {
  for (const std::size_t size : {0UZ, 1UZ, 100UZ, 1024UZ, 32768UZ, 70'000UZ, kLimit}) {
    for (const auto& text : {std::string(size, 'a'), random_letters(size)}) {
      for (const int level : {0, 1, 9}) {
        for (const int flush : {Z_SYNC_FLUSH, Z_FINISH}) {
          FrameReceiver receiver(kLimit, true);
          receiver.feed(raw_frame(kCompressedBinary, deflated(text, level, flush)));
          EXPECT_EQ(receiver.seen(), Seen{"binary:" + text}) << size << ' ' << level << ' ' << flush;
        }
      }
    }
  }
}

TEST(Rfc7692_7_2_2, FragmentsCutAnywhereAndControlFramesBetweenThemAreOneMessage) {
  const std::string text = "ñandú €uro 𐍈 " + random_letters(300);
  const std::string payload = deflated(text);
  std::string bytes = raw_frame(0x41, payload.substr(0, 1));
  for (std::size_t at = 1; at < payload.size(); ++at) {
    bytes += raw_frame(0x89, std::to_string(at)) + raw_frame(0x00, payload.substr(at, 1));
  }
  bytes += raw_frame(0x80, "");
  const Seen seen = decoded(bytes);
  EXPECT_EQ(seen.size(), payload.size());
  EXPECT_EQ(seen.back(), "text:" + text);
}

TEST(Rfc7692_7_2_2, BrokenDataFail) {
  const std::string good = deflated("hello, hello, hello");
  for (const std::string& payload : {
           "\xFF\xFF\xFF"s,                   // no such kind of block
           good.substr(0, good.size() - 3),   // ends in the middle of a block
           deflated("x") + "\xFF",            // goes on with rubbish
           "\x02\x08\x20"s + good,            // refers to what was before the message
           "\x00\x05\x00\x00\x00Hello\x00"s,  // a stored block whose length contradicts itself
       }) {
    EXPECT_THAT(decoded(raw_frame(kCompressedBinary, payload)),
                ElementsAre("fail:1007:compressed data are broken"));
  }
}

TEST(Rfc7692_7_2_2, TextIsCheckedAfterInflating) {
  EXPECT_THAT(decoded(compressed_text("a\xFF")), ElementsAre("fail:1007:text is not UTF-8"));
  EXPECT_THAT(decoded(compressed_text("a\xC3")), ElementsAre("fail:1007:text is not UTF-8"));
  EXPECT_THAT(decoded(raw_frame(kCompressedBinary, deflated("a\xFF"))), ElementsAre("binary:a\xFF"));
  // Found by fuzzing: with more going wrong in one message, the pieces it came in decided what was told.
  EXPECT_THAT(decoded(raw_frame(kCompressedText, deflated("a\xFF") + "\xFF\xFF")),
              ElementsAre("fail:1007:text is not UTF-8"));
  EXPECT_THAT(decoded(raw_frame(kCompressedText, deflated("a\xFF" + std::string(100, 'b'))), 10),
              ElementsAre("fail:1007:text is not UTF-8"));
}

// What a message becomes counts, not what was sent.
TEST(Limits, ABombFailsWhenTheLimitIsPassedAndIsNotInflatedFurther) {
  const std::string bomb = deflated(std::string(64 << 20, '0'), 9);
  ASSERT_LT(bomb.size(), kLimit);
  EXPECT_THAT(decoded(raw_frame(kCompressedText, bomb), 1000), ElementsAre("fail:1009:message is too big"));
  EXPECT_THAT(decoded(raw_frame(0x41, bomb.substr(0, 200)) + raw_frame(0x80, bomb.substr(200)), 1000),
              ElementsAre("fail:1009:message is too big"));
  std::string out;
  EXPECT_EQ(Inflater().feed(bomb, out, 1000), Inflater::Outcome::kTooBig);
  EXPECT_EQ(out.size(), 1001);
  EXPECT_LT(out.capacity(), 5000);
}

TEST(Limits, TheLimitItselfIsTaken) {
  EXPECT_THAT(decoded(compressed_text(std::string(1000, 'x')), 1000),
              ElementsAre("text:" + std::string(1000, 'x')));
  EXPECT_THAT(decoded(compressed_text(std::string(1001, 'x')), 1000),
              ElementsAre("fail:1009:message is too big"));
}

TEST(CompressFrame, GivesTheSameMessageSmaller) {
  for (const auto opcode : {Opcode::kText, Opcode::kBinary}) {
    for (const std::size_t size : {kLeastCompressed, 126UZ, 65'535UZ, 65'536UZ, 100'000UZ}) {
      const std::string frame = encode_frame(opcode, std::string(size, 'x'));
      const std::string compressed = compress_frame(frame);
      ASSERT_FALSE(compressed.empty()) << size;
      EXPECT_LT(compressed.size(), frame.size());
      EXPECT_EQ(static_cast<unsigned char>(compressed[0]), 0xC0U | static_cast<unsigned>(opcode));
      FrameReceiver receiver(kLimit, true);
      receiver.feed(raw_frame(static_cast<std::uint8_t>(compressed[0]), frame_payload(compressed)));
      EXPECT_EQ(receiver.seen(),
                Seen{(opcode == Opcode::kText ? "text:" : "binary:") + std::string(size, 'x')});
    }
  }
}

TEST(CompressFrame, TakesSeveralEachByItself) {
  const std::string large = encode_frame(Opcode::kText, std::string(300, 'x'));
  const std::string small = encode_frame(Opcode::kText, "small");
  const std::string huge = encode_frame(Opcode::kBinary, std::string(70'000, 'y'));
  EXPECT_EQ(compress_frame(large + small + huge + large),
            compress_frame(large) + small + compress_frame(huge) + compress_frame(large));
}

TEST(CompressFrame, LeavesWhatIsShortOrGainsNothing) {
  EXPECT_EQ(compress_frame(encode_frame(Opcode::kText, std::string(kLeastCompressed - 1, 'x'))), "");
  std::mt19937 random(1);
  std::string noise(5000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  EXPECT_EQ(compress_frame(encode_frame(Opcode::kBinary, noise)), "");
}

}  // namespace
}  // namespace izpo::wire
