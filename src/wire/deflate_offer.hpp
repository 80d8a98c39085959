#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace izpo::wire {

// Answers a client's Sec-WebSocket-Extensions (RFC 6455 §9.1; several fields joined by commas): the value of
// the server's own, when one of the offers is a permessage-deflate (RFC 7692 §7.1) that the server can keep.
// It takes the first such. nullopt: no extension; none was offered, or each has a smaller
// server_max_window_bits than 15, an unknown, repeated or wrong parameter; or the field is malformed.
//
// The answer always has both no_context_takeover. client_max_window_bits needs none: the server reads any
// window.
std::optional<std::string> accept_deflate(std::string_view offers);

}  // namespace izpo::wire
