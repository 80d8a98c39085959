#include "app/health_check.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <string_view>

#include "base/use_task.hpp"

namespace izpo::app {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::seconds kPatience{3};
constexpr std::size_t kMostHead = 16UZ * 1024;

tcp::endpoint local_endpoint(const std::string& address, std::uint16_t port) {
  asio::ip::address to = asio::ip::make_address(address);
  if (to.is_unspecified()) {
    to = to.is_v6() ? asio::ip::address(asio::ip::address_v6::loopback())
                    : asio::ip::address(asio::ip::address_v4::loopback());
  }
  return {to, port};
}

Task<std::string> status_line(Executor executor, tcp::endpoint endpoint) {
  asio::basic_stream_socket<tcp, Executor> socket(executor);
  co_await socket.async_connect(endpoint, kUseTask);
  static constexpr std::string_view kRequest =
      "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(kRequest), kUseTask);
  std::string head;
  co_await asio::async_read_until(socket, asio::dynamic_buffer(head, kMostHead), "\r\n", kUseTask);
  co_return head.substr(0, head.find("\r\n"));
}

}  // namespace

std::expected<void, std::string> check_health(const std::string& address, std::uint16_t port) {
  asio::io_context context(1);
  const tcp::endpoint endpoint = local_endpoint(address, port);
  std::expected<void, std::string> outcome = std::unexpected("no answer in time");
  asio::co_spawn(context, status_line(context.get_executor(), endpoint),
                 [&](const std::exception_ptr& thrown, const std::string& line) {
                   try {
                     if (thrown) std::rethrow_exception(thrown);
                     outcome = {};
                     if (!line.starts_with("HTTP/1.1 200 "))
                       outcome = std::unexpected(fmt::format("the answer was {}", line));
                   } catch (const boost::system::system_error& error) {
                     outcome = std::unexpected(error.code().message());
                   }
                 });
  context.run_for(kPatience);
  if (!outcome) {
    return std::unexpected(fmt::format("http://{}:{}/health: {}",
                                       endpoint.address().is_v6()
                                           ? fmt::format("[{}]", endpoint.address().to_string())
                                           : endpoint.address().to_string(),
                                       port, outcome.error()));
  }
  return outcome;
}

}  // namespace izpo::app
