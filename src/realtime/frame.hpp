#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/websocket.hpp"

namespace izpo::realtime {

// A finished WebSocket frame, header included, shared by every socket it goes to. Immutable.
using Frame = std::shared_ptr<const std::string>;

// An event for any number of sockets: its frame, and the compressed one beside it for those that agreed on
// that (RFC 7692). Any thread may read it.
class EncodedEvent {
 public:
  explicit EncodedEvent(std::string frame) : plain_(std::move(frame)) {}

  // Several events that leave together: their frames one after the other, so that a socket has one thing to
  // queue and to send.
  explicit EncodedEvent(std::vector<std::shared_ptr<const EncodedEvent>> parts) : parts_(std::move(parts)) {
    for (const auto& part : parts_) plain_ += part->plain();
  }

  const std::string& plain() const { return plain_; }

  // Made when it is first asked for, once for all sockets. The plain frame, where compressing gains nothing.
  const std::string& compressed() const {
    std::call_once(once_, [this] {
      if (parts_.empty()) compressed_ = wire::compress_frame(plain_);
      for (const auto& part : parts_) compressed_ += part->compressed();
    });
    return compressed_.empty() ? plain_ : compressed_;
  }

 private:
  const std::vector<std::shared_ptr<const EncodedEvent>> parts_;
  std::string plain_;
  mutable std::once_flag once_;
  mutable std::string compressed_;
};

using SharedEvent = std::shared_ptr<const EncodedEvent>;

inline SharedEvent text_frame(std::string_view json) {
  return std::make_shared<const EncodedEvent>(wire::encode_frame(wire::Opcode::kText, json));
}

// One of its frames, as a share of the event.
inline Frame plain_frame(SharedEvent event) {
  const std::string& frame = event->plain();
  return {std::move(event), &frame};
}
inline Frame compressed_frame(SharedEvent event) {
  const std::string& frame = event->compressed();
  return {std::move(event), &frame};
}

}  // namespace izpo::realtime
