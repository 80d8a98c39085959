#include "adapters/clamd/virus_scanner.hpp"

#include <sys/un.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::clamd {
namespace asio = boost::asio;

namespace {

using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

constexpr std::string_view kCommand("zINSTREAM\0", 10);
constexpr std::size_t kLongestAnswer = 4096;
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

std::unexpected<Error> unavailable(std::string_view what, const boost::system::error_code& error) {
  return fail(Error(reason::kScannerUnavailable, fmt::format("{}: {}", what, error.message())));
}

// clamd counts in network order.
std::array<char, 4> length_of(std::size_t size) {
  const auto byte = [size](unsigned shift) { return static_cast<char>(size >> shift & 0xFFU); };
  return {byte(24), byte(16), byte(8), byte(0)};
}

// A socket that gives up when a step takes too long. Shared with the timer's handlers, which may be due when
// the scan is gone. On one loop.
struct Line {
  Line(const Executor& loop, std::chrono::seconds longest) : socket(loop), timer(loop), patience(longest) {}

  Socket socket;
  Timer timer;
  const std::chrono::seconds patience;
  std::uint64_t step = 0;
  bool late = false;
};

// While it lives, the line's socket is closed when its patience ends.
class Deadline {
 public:
  explicit Deadline(const std::shared_ptr<Line>& line) : line_(*line) {
    line_.timer.expires_after(line_.patience);
    line_.timer.async_wait([line, step = ++line_.step](const boost::system::error_code& error) {
      if (error || line->step != step) return;
      line->late = true;
      boost::system::error_code ignored;
      line->socket.close(ignored);
    });
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() {
    ++line_.step;
    line_.timer.cancel();
  }

 private:
  Line& line_;
};

class Scan final : public VirusScan {
 public:
  explicit Scan(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;
  ~Scan() override {
    boost::system::error_code ignored;
    line_->socket.close(ignored);
  }

  Task<Result<void>> connect(const Address& address) {
    const Deadline deadline(line_);
    boost::system::error_code error;
    if (!address.path.empty()) {
      std::tie(error) =
          co_await line_->socket.async_connect(asio::local::stream_protocol::endpoint(address.path), kAwait);
    } else {
      error = co_await connect_to(address.host, address.port);
    }
    if (error) co_return failed("cannot connect", error);
    co_return co_await send(asio::buffer(kCommand));
  }

  Task<Result<void>> write(std::span<const char> bytes) override {
    const Deadline deadline(line_);
    const auto length = length_of(bytes.size());
    co_return co_await send(std::array{asio::buffer(length), asio::buffer(bytes.data(), bytes.size())});
  }

  Task<Result<std::optional<std::string>>> finish() override {
    const Deadline deadline(line_);
    const auto end = length_of(0);
    IZPO_CO_CHECK(co_await send(asio::buffer(end)));
    std::string answer;
    const auto [error, size] = co_await asio::async_read_until(
        line_->socket, asio::dynamic_buffer(answer, kLongestAnswer), '\0', kAwait);
    if (error) co_return failed("no answer", error);
    co_return found_in(std::string_view(answer).substr(0, size - 1));
  }

 private:
  // "stream: OK", "stream: Eicar-Test-Signature FOUND", "INSTREAM size limit exceeded. ERROR"
  static Result<std::optional<std::string>> found_in(std::string_view answer) {
    constexpr std::string_view kStream = "stream: ";
    constexpr std::string_view kFound = " FOUND";
    if (answer == "stream: OK") return std::nullopt;
    if (answer.starts_with(kStream) && answer.ends_with(kFound) &&
        answer.size() >= kStream.size() + kFound.size()) {
      answer.remove_prefix(kStream.size());
      answer.remove_suffix(kFound.size());
      return std::string(answer);
    }
    return fail(Error(reason::kScannerUnavailable, fmt::format("clamd says \"{}\"", answer)));
  }

  Task<boost::system::error_code> connect_to(std::string host, std::string port) {
    Resolver resolver(line_->socket.get_executor());
    const auto [error, found] = co_await resolver.async_resolve(host, port, kAwait);
    if (error) co_return error;
    boost::system::error_code last = asio::error::host_not_found;
    for (const auto& each : found) {
      if (line_->late) break;
      boost::system::error_code ignored;
      line_->socket.close(ignored);
      std::tie(last) = co_await line_->socket.async_connect(each.endpoint(), kAwait);
      if (!last) break;
    }
    co_return last;
  }

  template <class Buffers>
  Task<Result<void>> send(Buffers buffers) {
    const auto [error, size] = co_await asio::async_write(line_->socket, buffers, kAwait);
    if (error) co_return failed("cannot send", error);
    co_return Result<void>{};
  }

  std::unexpected<Error> failed(std::string_view what, const boost::system::error_code& error) const {
    if (!line_->late) return unavailable(what, error);
    return fail(Error(reason::kScannerUnavailable,
                      fmt::format("{}: nothing for {} s", what, line_->patience.count())));
  }

  std::shared_ptr<Line> line_;
};

}  // namespace

std::optional<Address> read_address(std::string_view text) {
  if (text.starts_with('/') && text.size() > kLongestPath) return std::nullopt;
  if (text.starts_with('/')) return Address{.path = std::string(text), .host = {}, .port = {}};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool is_number = port.find_first_not_of("0123456789") == std::string_view::npos;
  if (host.empty() || port.empty() || port.size() > 5 || !is_number) return std::nullopt;
  return Address{.path = {}, .host = std::string(host), .port = std::string(port)};
}

Task<Result<std::unique_ptr<VirusScan>>> VirusScanner::begin() {
  const Executor loop = co_await asio::this_coro::executor;
  auto scan = std::make_unique<Scan>(std::make_shared<Line>(loop, patience_));
  IZPO_CO_CHECK(co_await scan->connect(address_));
  co_return scan;
}

}  // namespace izpo::clamd
