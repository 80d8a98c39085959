#include "adapters/postgres/connector.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/postgres/errors.hpp"
#include "base/log.hpp"

namespace izpo::postgres {
namespace {

constexpr std::chrono::milliseconds kLook{100};  // how often `stopping` is looked at
constexpr std::chrono::milliseconds kStartingPause{200};
constexpr std::chrono::seconds kShortestTimeout{2};  // libpq's least connect_timeout

// The address's connect_timeout; zero: none.
std::chrono::seconds timeout_of(const Address& address) {
  const std::string_view text = address.value("connect_timeout");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds <= 0 ? std::chrono::seconds(0) : std::max(kShortestTimeout, std::chrono::seconds(seconds));
}

std::string no_answer(const Endpoint& endpoint) {
  return fmt::format("connection to server at \"{}\"{}{} failed: no answer in time",
                     endpoint.host.empty() ? endpoint.hostaddr : endpoint.host,
                     endpoint.port.empty() ? "" : ", port ", endpoint.port);
}

}  // namespace

Handle Connector::begin(const Endpoint& endpoint) const {
  std::vector<const char*> keywords{"host", "hostaddr", "port"};
  std::vector<const char*> values{endpoint.host.c_str(), endpoint.hostaddr.c_str(), endpoint.port.c_str()};
  for (const auto& [keyword, value] : address_.parameters) {
    const bool is_endpoints = keyword == "host" || keyword == "hostaddr" || keyword == "port";
    if (is_endpoints || (keyword == "options" && drops_options_)) continue;
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectStartParams(keywords.data(), values.data(), 0));
  if (handle) {
    PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);  // with the SQLSTATE, which no function tells here
    PQsetNoticeProcessor(handle.get(), [](void*, const char*) {}, nullptr);
  }
  return handle;
}

Connector::Attempt Connector::try_endpoint(const Endpoint& endpoint, Clock::time_point deadline,
                                           const std::atomic<bool>& stopping) const {
  Handle handle = begin(endpoint);
  if (!handle) return std::unexpected("no memory for a connection");
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;  // as PQconnectPoll wants it
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED &&
         PQstatus(handle.get()) != CONNECTION_BAD) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::unexpected(no_answer(endpoint));
    if (stopping) return std::unexpected("the server is stopping");
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd socket{.fd = PQsocket(handle.get()), .events = events, .revents = 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min(left, kLook).count()));
    if (ready > 0) state = PQconnectPoll(handle.get());
  }
  if (PQstatus(handle.get()) != CONNECTION_OK) return std::unexpected(PQerrorMessage(handle.get()));
  PQsetErrorVerbosity(handle.get(), PQERRORS_DEFAULT);
  if (PQenterPipelineMode(handle.get()) != 1 || PQsetnonblocking(handle.get(), 1) != 0) {
    return std::unexpected(PQerrorMessage(handle.get()));
  }
  return handle;
}

Connector::Clock::time_point Connector::share_of(Clock::time_point deadline,
                                                 std::size_t endpoints_left) const {
  const auto now = Clock::now();
  const auto share = now + (deadline - now) / static_cast<std::int64_t>(endpoints_left);
  const auto timeout = timeout_of(address_);
  return timeout.count() == 0 ? share : std::min(share, now + timeout);
}

// Whether the message says that a pooler refuses the address's options: from now on it is not sent them.
bool Connector::drop_options(std::string_view message) {
  if (address_.value("options").empty() || !is_unsupported_parameter(message)) return false;
  if (!drops_options_.exchange(true)) spdlog::warn("{}", kOptionsDropped);
  return true;
}

Connector::Attempt Connector::try_all(Clock::time_point deadline, const std::atomic<bool>& stopping) {
  const std::vector<Endpoint> endpoints = endpoints_of(address_);
  const std::size_t first = first_ % endpoints.size();
  std::string messages;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const std::size_t at = (first + i) % endpoints.size();
    const auto until = share_of(deadline, endpoints.size() - i);
    Attempt attempt = try_endpoint(endpoints[at], until, stopping);
    if (!attempt && drop_options(attempt.error())) attempt = try_endpoint(endpoints[at], until, stopping);
    if (attempt) {
      first_ = at;
      return attempt;
    }
    if (!messages.empty()) messages += ' ';
    messages += attempt.error();
    if (stopping || is_final(attempt.error())) break;
  }
  return std::unexpected(std::move(messages));
}

Result<Handle> Connector::connect(std::chrono::milliseconds patience, const std::atomic<bool>& stopping) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    Attempt made = try_all(deadline, stopping);
    if (made) return *std::move(made);
    if (!is_starting(made.error()) || Clock::now() + kStartingPause >= deadline || stopping) {
      return fail(unavailable(cannot_connect(address_, made.error())));
    }
    std::this_thread::sleep_for(kStartingPause);
  }
}

}  // namespace izpo::postgres
