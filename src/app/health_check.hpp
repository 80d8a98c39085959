#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace izpo::app {

// GET /health of the server that listens on `address` (0.0.0.0 and :: are asked on loopback). Takes at most
// three seconds. Fails with one line when the answer is anything but 200.
std::expected<void, std::string> check_health(const std::string& address, std::uint16_t port);

}  // namespace izpo::app
