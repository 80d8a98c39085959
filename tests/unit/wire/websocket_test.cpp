#include "wire/websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/client_frames.hpp"
#include "support/frame_receiver.hpp"

// Grouped by the sections of RFC 6455.
namespace izpo::wire {
namespace {

using test::client_close;
using test::client_frame;
using test::FrameReceiver;
using test::raw_frame;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::string_literals;

constexpr std::size_t kLimit = 1 << 20;

using Seen = std::vector<std::string>;

// Whole and byte by byte must give the same.
Seen decoded(const std::string& bytes, std::size_t limit = kLimit) {
  const Seen whole = FrameReceiver(limit).feed(bytes).seen();
  FrameReceiver slow(limit);
  for (const char byte : bytes) slow.feed(std::string(1, byte));
  EXPECT_EQ(whole, slow.seen());
  return whole;
}

TEST(Rfc6455_5_1, AFrameWithoutMaskFailsAtItsSecondByte) {
  EXPECT_THAT(decoded("\x81\x05Hello"), ElementsAre("fail:1002:frame is not masked"));
  EXPECT_THAT(decoded("\x81\x05"), ElementsAre("fail:1002:frame is not masked"));
}

TEST(Rfc6455_5_2, EveryReservedBitFails) {
  for (const int bits : {0x40, 0x20, 0x10, 0x70}) {
    EXPECT_THAT(decoded(raw_frame(static_cast<std::uint8_t>(0x81 | bits), "x")),
                ElementsAre("fail:1002:reserved bits are set"));
  }
}

TEST(Rfc6455_5_2, EveryReservedOpcodeFails) {
  for (const int opcode : {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF}) {
    EXPECT_THAT(decoded(raw_frame(static_cast<std::uint8_t>(0x80 | opcode), "")),
                ElementsAre("fail:1002:unknown opcode"))
        << opcode;
  }
}

TEST(Rfc6455_5_2, EveryLengthOfLengthIsRead) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 100'000U}) {
    const std::string payload(size, 'x');
    EXPECT_THAT(decoded(client_frame(Opcode::kBinary, payload)), ElementsAre("binary:" + payload));
    EXPECT_THAT(decoded(client_frame(Opcode::kText, payload)), ElementsAre("text:" + payload));
  }
}

TEST(Rfc6455_5_2, ALengthInMoreBytesThanNeededIsTaken) {
  EXPECT_THAT(decoded(raw_frame(0x82, "abc", 2) + raw_frame(0x82, "def", 8) + raw_frame(0x82, "", 8)),
              ElementsAre("binary:abc", "binary:def", "binary:"));
}

TEST(Rfc6455_5_2, ALengthWithItsTopBitSetFails) {
  EXPECT_THAT(decoded("\x82\xFF\x80\0\0\0\0\0\0\x01mask"s),
              ElementsAre("fail:1002:length has its top bit set"));
}

TEST(Rfc6455_5_2, TheServersFramesAreUnmaskedAndAsShortAsCanBe) {
  const auto header = [](std::size_t size) {
    const std::string payload(size, 'x');
    const std::string frame = encode_frame(Opcode::kBinary, payload);
    EXPECT_TRUE(frame.ends_with(payload));
    return frame.substr(0, frame.size() - size);
  };
  EXPECT_EQ(header(0), "\x82\x00"s);
  EXPECT_EQ(header(125), "\x82\x7D"s);
  EXPECT_EQ(header(126), "\x82\x7E\x00\x7E"s);
  EXPECT_EQ(header(65535), "\x82\x7E\xFF\xFF"s);
  EXPECT_EQ(header(65536), "\x82\x7F\0\0\0\0\0\x01\0\0"s);
}

TEST(Rfc6455_5_3, TheMaskTurnsWithEveryCut) {
  std::string payload;
  for (int i = 0; i < 40; ++i) payload += static_cast<char>(i * 7);
  const std::string frame = client_frame(Opcode::kBinary, payload, true, {0x01, 0x80, 0xFF, 0x5A});
  for (std::size_t first = 0; first <= frame.size(); ++first) {
    for (std::size_t second = first; second <= frame.size(); ++second) {
      FrameReceiver receiver(kLimit);
      receiver.feed(frame.substr(0, first))
          .feed(frame.substr(first, second - first))
          .feed(frame.substr(second));
      ASSERT_THAT(receiver.seen(), ElementsAre("binary:" + payload)) << first << ' ' << second;
    }
  }
}

TEST(Rfc6455_5_4, FragmentsAreOneMessage) {
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "uno ", false) +
                      client_frame(Opcode::kContinuation, "dos ", false) +
                      client_frame(Opcode::kContinuation, "tres") + client_frame(Opcode::kBinary, "x")),
              ElementsAre("text:uno dos tres", "binary:x"));
}

TEST(Rfc6455_5_4, FragmentsMayBeEmpty) {
  EXPECT_THAT(
      decoded(client_frame(Opcode::kBinary, "", false) + client_frame(Opcode::kContinuation, "", false) +
              client_frame(Opcode::kContinuation, "")),
      ElementsAre("binary:"));
  EXPECT_THAT(
      decoded(client_frame(Opcode::kText, "", false) + client_frame(Opcode::kContinuation, "x", false) +
              client_frame(Opcode::kContinuation, "")),
      ElementsAre("text:x"));
}

TEST(Rfc6455_5_4, ControlFramesComeBetweenFragments) {
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "he", false) + client_frame(Opcode::kPing, "1") +
                      client_frame(Opcode::kContinuation, "ll", false) + client_frame(Opcode::kPong, "2") +
                      client_frame(Opcode::kPing, "") + client_frame(Opcode::kContinuation, "o")),
              ElementsAre("ping:1", "pong:2", "ping:", "text:hello"));
}

TEST(Rfc6455_5_4, AContinuationOfNothingFails) {
  EXPECT_THAT(decoded(client_frame(Opcode::kContinuation, "x")),
              ElementsAre("fail:1002:nothing to continue"));
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "x") + client_frame(Opcode::kContinuation, "x", false)),
              ElementsAre("text:x", "fail:1002:nothing to continue"));
}

TEST(Rfc6455_5_4, ANewMessageInsideAnotherFails) {
  for (const Opcode opcode : {Opcode::kText, Opcode::kBinary}) {
    EXPECT_THAT(decoded(client_frame(Opcode::kText, "x", false) + client_frame(opcode, "y")),
                ElementsAre("fail:1002:message is not finished"));
  }
}

TEST(Rfc6455_5_5, AControlFrameHasAtMost125Bytes) {
  const std::string most(125, 'p');
  EXPECT_THAT(decoded(client_frame(Opcode::kPing, most)), ElementsAre("ping:" + most));
  for (const Opcode opcode : {Opcode::kPing, Opcode::kPong, Opcode::kClose}) {
    EXPECT_THAT(decoded(client_frame(opcode, most + 'p')),
                ElementsAre("fail:1002:control frame is too long"));
  }
}

TEST(Rfc6455_5_5, AControlFrameIsNotFragmented) {
  for (const Opcode opcode : {Opcode::kPing, Opcode::kPong, Opcode::kClose}) {
    EXPECT_THAT(decoded(client_frame(opcode, "", false)),
                ElementsAre("fail:1002:control frame is fragmented"));
  }
}

TEST(Rfc6455_5_5_1, NothingIsReadAfterAClose) {
  EXPECT_THAT(decoded(client_close(1000, "adiós") + client_frame(Opcode::kText, "late") + "\xFF\xFF\xFF"),
              ElementsAre("close:1000:adiós"));
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "never ends", false) + client_close(1001) +
                      client_frame(Opcode::kContinuation, "x")),
              ElementsAre("close:1001:"));
}

TEST(Rfc6455_5_5_1, AnAnswerToACloseEchoesItsCode) {
  EXPECT_EQ(encode_close(1000), "\x88\x02\x03\xE8");
  EXPECT_EQ(encode_close(4001, "slow"), "\x88\x06\x0F\xA1slow");
  EXPECT_EQ(encode_close(kNoStatus), "\x88\x00"s);
  EXPECT_EQ(encode_close(kNoStatus, "nowhere to put it"), "\x88\x00"s);
}

TEST(Rfc6455_5_5_1, AReasonIsCutAtACodePoint) {
  const std::string fits(123, 'r');
  EXPECT_EQ(encode_close(1000, fits), "\x88\x7D\x03\xE8" + fits);
  EXPECT_EQ(encode_close(1000, fits + "r"), "\x88\x7D\x03\xE8" + fits);
  const std::string almost(122, 'r');
  EXPECT_EQ(encode_close(1000, almost + "é"), "\x88\x7C\x03\xE8" + almost);
  EXPECT_EQ(encode_close(1000, almost + "𐍈"), "\x88\x7C\x03\xE8" + almost);
}

TEST(Rfc6455_5_7, TheExamplesOfTheRfc) {
  EXPECT_THAT(decoded("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), ElementsAre("text:Hello"));
  EXPECT_THAT(decoded("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), ElementsAre("pong:Hello"));
  EXPECT_EQ(encode_frame(Opcode::kText, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(encode_frame(Opcode::kPing, "Hello"), "\x89\x05Hello");
}

TEST(Rfc6455_7_1_5, ACloseMayHaveNoCode) {
  EXPECT_THAT(decoded(client_frame(Opcode::kClose, "")), ElementsAre("close:1005:"));
  EXPECT_THAT(decoded(client_frame(Opcode::kClose, "\x03")), ElementsAre("fail:1002:close code is cut off"));
}

TEST(Rfc6455_7_4, OnlyCodesThatMayBeSentAreTaken) {
  const auto allowed = [](int code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code < 5000);
  };
  for (int code = 0; code <= 0xFFFF; ++code) {
    const Seen seen =
        FrameReceiver(kLimit).feed(client_close(static_cast<std::uint16_t>(code), "why")).seen();
    ASSERT_THAT(seen, ElementsAre(allowed(code) ? "close:" + std::to_string(code) + ":why"
                                                : "fail:1002:close code is not allowed"));
  }
}

TEST(Rfc6455_8_1, ATextIsRefusedAtItsFirstBadByte) {
  const std::string good = "κόσμε";
  const std::string frame = client_frame(Opcode::kText, good + "\xF4\x90\x80\x80" + "edited");
  const std::size_t header = frame.size() - good.size() - 10;
  FrameReceiver receiver(kLimit);
  receiver.feed(frame.substr(0, header + good.size() + 1));  // F4: may still become a code point
  EXPECT_THAT(receiver.seen(), IsEmpty());
  receiver.feed(frame.substr(header + good.size() + 1, 1));  // 90 after it: beyond U+10FFFF
  EXPECT_THAT(receiver.seen(), ElementsAre("fail:1007:text is not UTF-8"));
}

TEST(Rfc6455_8_1, ACodePointMayBeCutBetweenFragments) {
  const std::string text = "a𐍈κz";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      EXPECT_THAT(decoded(client_frame(Opcode::kText, text.substr(0, first), false) +
                          client_frame(Opcode::kPing, "\xFF") +
                          client_frame(Opcode::kContinuation, text.substr(first, second - first), false) +
                          client_frame(Opcode::kContinuation, text.substr(second))),
                  ElementsAre("ping:\xFF", "text:" + text));
    }
  }
}

TEST(Rfc6455_8_1, ATextMayNotEndInsideACodePoint) {
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "a\xCE")), ElementsAre("fail:1007:text is not UTF-8"));
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "a\xCE", false) + client_frame(Opcode::kContinuation, "")),
              ElementsAre("fail:1007:text is not UTF-8"));
}

TEST(Rfc6455_8_1, BinaryIsNotChecked) {
  EXPECT_THAT(decoded(client_frame(Opcode::kBinary, "\xFF\xFE", false) +
                      client_frame(Opcode::kContinuation, "\xC0") + client_frame(Opcode::kText, "ok")),
              ElementsAre("binary:\xFF\xFE\xC0", "text:ok"));
}

TEST(Rfc6455_8_1, AReasonIsTextToo) {
  EXPECT_THAT(decoded(client_close(1000, "\xED\xA0\x80")), ElementsAre("fail:1007:text is not UTF-8"));
  EXPECT_THAT(decoded(client_close(1000, "cut \xC3")), ElementsAre("fail:1007:text is not UTF-8"));
}

TEST(Rfc6455_10_4, AMessageOfTheLimitPassesAndOneMoreByteFails) {
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "12345678"), 8), ElementsAre("text:12345678"));
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "123456789"), 8),
              ElementsAre("fail:1009:message is too big"));
}

TEST(Rfc6455_10_4, TheLimitCountsAllFragmentsAndNoControlFrame) {
  const std::string start =
      client_frame(Opcode::kText, "12345", false) + client_frame(Opcode::kPing, "0123456789");
  EXPECT_THAT(decoded(start + client_frame(Opcode::kContinuation, "678"), 8),
              ElementsAre("ping:0123456789", "text:12345678"));
  EXPECT_THAT(decoded(start + client_frame(Opcode::kContinuation, "6789"), 8),
              ElementsAre("ping:0123456789", "fail:1009:message is too big"));
  EXPECT_THAT(decoded(client_frame(Opcode::kText, "12345678") + client_frame(Opcode::kText, "12345678"), 8),
              ElementsAre("text:12345678", "text:12345678"));
}

TEST(Rfc6455_10_4, ATooLongFrameFailsBeforeItsPayloadComes) {
  EXPECT_THAT(decoded("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask"),
              ElementsAre("fail:1009:message is too big"));
  const std::string start = client_frame(Opcode::kBinary, "12345678", false);
  EXPECT_THAT(decoded(start + "\x80\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask"),
              ElementsAre("fail:1009:message is too big"));
}

TEST(WebSocketDecoder, StopsBetweenEventsForTheReceiver) {
  Decoder decoder(kLimit);
  std::string bytes = client_frame(Opcode::kText, "one") + client_frame(Opcode::kText, "two");
  std::span<char> input(bytes);
  const auto first = decoder.next(input);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->payload, "one");
  EXPECT_EQ(input.size(), bytes.size() / 2);
  const auto second = decoder.next(input);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->payload, "two");
  EXPECT_TRUE(input.empty());
}

TEST(WebSocketDecoder, DeliversAWholeFrameWithoutACopy) {
  Decoder decoder(kLimit);
  std::string bytes = client_frame(Opcode::kText, "where I am");
  std::span<char> input(bytes);
  const auto event = decoder.next(input);
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->payload.data(), &bytes[bytes.size() - (*event)->payload.size()]);
}

TEST(WebSocketDecoder, IsSmall) {
  EXPECT_LT(sizeof(Decoder), 100U);
}

#if !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer)  // they replace malloc, and its counts
std::size_t heap_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(WebSocketDecoder, OwnsNoMemoryBetweenMessages) {
  Decoder decoder(kLimit);
  const auto take = [&decoder](std::span<char> input) {
    std::size_t events = 0;
    for (;;) {
      const auto event = decoder.next(input);
      if (!event || !*event) return events;
      ++events;
    }
  };
  std::string bytes = client_frame(Opcode::kBinary, std::string(500'000, 'x'), false) +
                      client_frame(Opcode::kPing, std::string(125, 'p')) +
                      client_frame(Opcode::kContinuation, std::string(500'000, 'x'));
  const std::span<char> input(bytes);
  const std::size_t half = bytes.size() / 2;  // inside the ping
  const std::size_t before = heap_in_use();
  EXPECT_EQ(take(input.first(half)), 0U);
  const std::size_t during = heap_in_use() - before;
  EXPECT_EQ(take(input.subspan(half)), 2U);
  EXPECT_EQ(heap_in_use(), before);
  EXPECT_GE(during, 500'000U);  // so the count does count
  EXPECT_LE(during, 2'000'000U);
}
#endif

}  // namespace
}  // namespace izpo::wire
