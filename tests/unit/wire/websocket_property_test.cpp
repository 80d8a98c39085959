#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/client_frames.hpp"
#include "support/frame_receiver.hpp"
#include "wire/websocket.hpp"

// A random conversation, sent in random pieces, comes out as it was meant, whatever the pieces.
namespace izpo::wire {
namespace {

using test::client_frame;
using test::FrameReceiver;

constexpr std::size_t kLimit = 1 << 18;

class Conversation {
 public:
  explicit Conversation(unsigned seed) : random_(seed) {
    for (int messages = number(1, 6); messages > 0; --messages) say();
    if (number(0, 1) == 0) {
      const auto code = static_cast<std::uint16_t>(number(3000, 4999));
      bytes += test::client_close(code, "fin");
      expected.push_back("close:" + std::to_string(code) + ":fin");
    }
  }

  // The same bytes, cut at random; short pieces and empty ones are as likely as long ones.
  std::vector<std::string> pieces() {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto most = static_cast<std::size_t>(1) << number(0, 14);
      const std::size_t size = static_cast<std::size_t>(number(0, static_cast<int>(most)));
      all.push_back(bytes.substr(at, size));
      at += size;
    }
    return all;
  }

  std::string bytes;
  std::vector<std::string> expected;

 private:
  int number(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }

  test::Mask mask() {
    test::Mask key;
    for (auto& byte : key) byte = static_cast<unsigned char>(number(0, 255));
    return key;
  }

  std::string text() {
    static constexpr std::string_view kCodePoints[] = {"a", "ñ", "€", "𐍈", "\U0010FFFF", "퟿", "\x7F"};
    std::string out;
    for (int left = number(0, 1 << number(0, 14)); left > 0; --left) {
      out += kCodePoints[static_cast<std::size_t>(number(0, std::size(kCodePoints) - 1))];
    }
    return out;
  }

  std::string binary() {
    std::string out(static_cast<std::size_t>(number(0, 1 << number(0, 17))), '\0');
    std::ranges::generate(out, [this] { return static_cast<char>(random_()); });
    return out;
  }

  void maybe_control() {
    while (number(0, 3) == 0) {
      const bool ping = number(0, 1) == 0;
      const std::string payload(static_cast<std::size_t>(number(0, 125)), '\xFE');
      bytes += client_frame(ping ? Opcode::kPing : Opcode::kPong, payload, true, mask());
      expected.push_back((ping ? "ping:" : "pong:") + payload);
    }
  }

  void say() {
    const bool is_text = number(0, 1) == 0;
    const std::string payload = is_text ? text() : binary();
    Opcode opcode = is_text ? Opcode::kText : Opcode::kBinary;
    std::string_view rest = payload;
    maybe_control();
    for (int fragments = number(0, 4); fragments > 0; --fragments) {
      const auto size = static_cast<std::size_t>(number(0, static_cast<int>(rest.size())));
      bytes += client_frame(opcode, rest.substr(0, size), false, mask());
      rest.remove_prefix(size);
      opcode = Opcode::kContinuation;
      maybe_control();
    }
    bytes += client_frame(opcode, rest, true, mask());
    expected.push_back((is_text ? "text:" : "binary:") + payload);
  }

  std::mt19937 random_;
};

TEST(WebSocketDecoder, GivesAnyConversationAsItWasMeantHoweverItIsCut) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Conversation conversation(seed);
    FrameReceiver whole(kLimit);
    ASSERT_TRUE(whole.feed(conversation.bytes).seen() == conversation.expected) << "seed " << seed;
    FrameReceiver cut(kLimit);
    for (const std::string& piece : conversation.pieces()) cut.feed(piece);
    ASSERT_TRUE(cut.seen() == conversation.expected) << "seed " << seed << ", in pieces";
  }
}

}  // namespace
}  // namespace izpo::wire
