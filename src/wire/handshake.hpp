#pragma once

#include <string>
#include <string_view>

namespace izpo::wire {

// Whether a Sec-WebSocket-Key is base64 of 16 bytes, as RFC 6455 §4.2.1 asks.
bool is_websocket_key(std::string_view key);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2): base64 of the SHA-1 of key and GUID.
std::string accept_key(std::string_view key);

}  // namespace izpo::wire
