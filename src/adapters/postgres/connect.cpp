#include "adapters/postgres/connect.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "adapters/postgres/errors.hpp"

namespace izpo::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};  // how often `stopping` is looked at
constexpr std::chrono::milliseconds kStartingPause{200};

Handle begin(const Address& address) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : address.parameters) {
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

Error refused(const Address& address, std::string_view message) {
  return unavailable(cannot_connect(address, message));
}

Result<Handle> try_once(const Address& address, Clock::time_point deadline,
                        const std::atomic<bool>& stopping) {
  Handle handle = begin(address);
  if (!handle) return fail(unavailable("no memory for a connection to PostgreSQL"));
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;  // as PQconnectPoll wants it
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED &&
         PQstatus(handle.get()) != CONNECTION_BAD) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return fail(refused(address, "no answer in time"));
    if (stopping) return fail(unavailable("the server is stopping"));
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd socket{.fd = PQsocket(handle.get()), .events = events, .revents = 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min(left, kLook).count()));
    if (ready > 0) state = PQconnectPoll(handle.get());
  }
  if (PQstatus(handle.get()) != CONNECTION_OK) return fail(refused(address, PQerrorMessage(handle.get())));
  PQsetErrorVerbosity(handle.get(), PQERRORS_DEFAULT);
  if (PQenterPipelineMode(handle.get()) != 1 || PQsetnonblocking(handle.get(), 1) != 0) {
    return fail(unavailable(PQerrorMessage(handle.get())));
  }
  return handle;
}

}  // namespace

Result<Handle> connect(const Address& address, std::chrono::milliseconds patience,
                       const std::atomic<bool>& stopping) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    auto made = try_once(address, deadline, stopping);
    if (made || !is_starting(made.error().log_detail) || Clock::now() + kStartingPause >= deadline)
      return made;
    std::this_thread::sleep_for(kStartingPause);
  }
}

}  // namespace izpo::postgres
