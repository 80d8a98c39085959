#include "api/client_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <string_view>

namespace izpo::api {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view kForwardedFor = "X-Forwarded-For";

std::optional<ip::address> parse(std::string_view text) {
  boost::system::error_code error;
  ip::address address = ip::make_address(text, error);
  if (error) return std::nullopt;
  return address;
}

bool is_loopback(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

// The last element of the last field (RFC 9110 §5.3: several fields are one list).
std::string_view last_forwarded(const Headers& headers) {
  std::string_view last;
  for (const auto& [name, value] : headers.all()) {
    if (equal_without_case(name, kForwardedFor)) last = value;
  }
  last = last.substr(last.rfind(',') + 1);  // npos + 1 is 0: the whole
  const auto begin = last.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return last.substr(begin, last.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

std::string client_address(const Request& request) {
  const auto peer = parse(request.peer_address);
  if (!peer || !is_loopback(*peer)) return request.peer_address;
  const auto forwarded = parse(last_forwarded(request.headers));
  return forwarded ? forwarded->to_string() : request.peer_address;
}

}  // namespace izpo::api
