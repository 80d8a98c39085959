#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/deflate_offer.hpp"

// Any Sec-WebSocket-Extensions: nothing read out of bounds, and no answer but the two that there are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kAgreed =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const auto answer = izpo::wire::accept_deflate({reinterpret_cast<const char*>(data), size});
  if (answer && *answer != kAgreed && *answer != std::string(kAgreed) + "; server_max_window_bits=15")
    std::abort();
  return 0;
}
