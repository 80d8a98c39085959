#include "adapters/postgres/endpoints.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string_view>

namespace izpo::postgres {
namespace {

using Found = std::unique_ptr<addrinfo, decltype([](addrinfo* all) { freeaddrinfo(all); })>;

// "a,,c" is three, the second of which is empty.
std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  while (true) {
    const std::size_t comma = list.find(',');
    items.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

bool is_name(const Endpoint& endpoint) {
  const std::string& host = endpoint.host;
  const bool is_local = host.empty() || host.starts_with('/') || host.starts_with('@');
  return endpoint.hostaddr.empty() && !is_local;
}

// Adds each address of the endpoint's name; none when it has none.
void look_up(const Endpoint& endpoint, std::vector<Endpoint>& into) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &raw) != 0) return;
  const Found found(raw);
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> number{};
    if (getnameinfo(each->ai_addr, each->ai_addrlen, number.data(), number.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0) {
      continue;
    }
    into.push_back({.host = endpoint.host, .hostaddr = number.data(), .port = endpoint.port});
  }
}

}  // namespace

std::vector<Endpoint> endpoints_of(const Address& address) {
  const std::vector<std::string> hosts = items_of(address.value("host"));
  const std::vector<std::string> numbers = items_of(address.value("hostaddr"));
  const std::vector<std::string> ports = items_of(address.value("port"));
  const bool has_names = !address.value("host").empty();
  const bool has_numbers = !address.value("hostaddr").empty();
  const std::size_t count = has_numbers ? numbers.size() : hosts.size();
  if ((has_names && has_numbers && hosts.size() != count) || (ports.size() != 1 && ports.size() != count)) {
    return {{.host = std::string(address.value("host")),
             .hostaddr = std::string(address.value("hostaddr")),
             .port = std::string(address.value("port"))}};
  }
  std::vector<Endpoint> endpoints;
  for (std::size_t i = 0; i < count; ++i) {
    const Endpoint written{.host = has_names ? hosts[i] : "",
                           .hostaddr = has_numbers ? numbers[i] : "",
                           .port = ports.size() == 1 ? ports[0] : ports[i]};
    const std::size_t before = endpoints.size();
    if (is_name(written)) look_up(written, endpoints);
    if (endpoints.size() == before) endpoints.push_back(written);
  }
  return endpoints;
}

}  // namespace izpo::postgres
