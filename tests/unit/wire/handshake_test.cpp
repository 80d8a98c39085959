#include "wire/handshake.hpp"

#include <gtest/gtest.h>

namespace izpo::wire {
namespace {

TEST(WebSocketHandshake, AnswersTheKeyOfTheRfc) {  // RFC 6455 §1.3
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, TakesOnlyKeysOfSixteenBytes) {  // RFC 6455 §4.2.1
  EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_websocket_key("+/+/+/+/+/+/+/+/+/+/+Q=="));
  EXPECT_FALSE(is_websocket_key(""));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25j"));      // 15 bytes
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZWU="));  // 17 bytes
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ="));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZ_=="));
}

}  // namespace
}  // namespace izpo::wire
