#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "wire/websocket.hpp"

namespace izpo::realtime {

// A finished WebSocket frame, header included, shared by every socket it goes to. Immutable.
using Frame = std::shared_ptr<const std::string>;

inline Frame text_frame(std::string_view json) {
  return std::make_shared<const std::string>(wire::encode_frame(wire::Opcode::kText, json));
}

}  // namespace izpo::realtime
