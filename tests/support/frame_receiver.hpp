#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wire/websocket.hpp"

namespace izpo::test {

// Feeds a decoder the pieces as they would be received, and tells what came out as text that reads well when
// a test fails: "text:hello", "ping:1", "close:1000:bye", "fail:1002:frame is not masked".
class FrameReceiver {
 public:
  explicit FrameReceiver(std::size_t max_message, bool compression = false)
      : decoder_(max_message, compression) {}

  // A copy, in memory of just that size: a sanitizer sees a step beyond it.
  FrameReceiver& feed(std::string piece) {
    std::vector<char> buffer(piece.begin(), piece.end());
    std::span<char> input(buffer);
    for (;;) {
      const auto event = decoder_.next(input);
      if (!event) {
        seen_.push_back("fail:" + std::to_string(event.error().close_code) + ":" +
                        std::string(event.error().reason));
      } else if (*event) {
        seen_.push_back(describe(**event));
      } else if (!input.empty()) {
        throw std::logic_error("the decoder gave nothing and left some of the input");
      } else {
        return *this;
      }
    }
  }

  const std::vector<std::string>& seen() const { return seen_; }

 private:
  static std::string describe(const wire::Event& event) {
    const std::string payload(event.payload);
    switch (event.opcode) {
      case wire::Opcode::kText: return "text:" + payload;
      case wire::Opcode::kBinary: return "binary:" + payload;
      case wire::Opcode::kPing: return "ping:" + payload;
      case wire::Opcode::kPong: return "pong:" + payload;
      case wire::Opcode::kClose: return "close:" + std::to_string(event.close_code) + ":" + payload;
      case wire::Opcode::kContinuation: break;
    }
    throw std::logic_error("a continuation is no event");
  }

  wire::Decoder decoder_;
  std::vector<std::string> seen_;
};

}  // namespace izpo::test
