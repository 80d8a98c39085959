#include "app/health_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <string_view>
#include <thread>

namespace izpo::app {
namespace {

using boost::asio::ip::tcp;

// Answers one request with the same bytes, whatever was asked.
class OneAnswer {
 public:
  OneAnswer(const char* address, std::string_view answer)
      : acceptor_(context_, {boost::asio::ip::make_address(address), 0}), thread_([this, answer] {
          tcp::socket peer = acceptor_.accept();
          boost::asio::read_until(peer, boost::asio::dynamic_buffer(request_), "\r\n\r\n");
          boost::asio::write(peer, boost::asio::buffer(answer));
        }) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string request() {
    thread_.join();
    return request_;
  }

 private:
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::string request_;
  std::jthread thread_;
};

TEST(HealthCheck, IsWellWhenTheAnswerIs200) {
  OneAnswer server("127.0.0.1", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(check_health("127.0.0.1", server.port()));
  EXPECT_THAT(server.request(), testing::StartsWith("GET /health HTTP/1.1\r\n"));
}

TEST(HealthCheck, AsksLoopbackWhenTheServerListensEverywhere) {
  OneAnswer server("127.0.0.1", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(check_health("0.0.0.0", server.port()));
}

TEST(HealthCheck, SaysWhatElseWasAnswered) {
  OneAnswer server("127.0.0.1", "HTTP/1.1 503 Service Unavailable\r\n\r\n");
  const auto well = check_health("127.0.0.1", server.port());
  ASSERT_FALSE(well);
  EXPECT_THAT(well.error(), testing::HasSubstr("/health: the answer was HTTP/1.1 503 Service Unavailable"));
}

TEST(HealthCheck, SaysWhenNothingListens) {
  boost::asio::io_context context;
  const auto port =
      tcp::acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), 0}).local_endpoint().port();
  const auto well = check_health("127.0.0.1", port);
  ASSERT_FALSE(well);
  EXPECT_THAT(well.error(), testing::HasSubstr("Connection refused"));
}

TEST(HealthCheck, SaysWhenTheConnectionEndsWithoutAnAnswer) {
  OneAnswer server("127.0.0.1", "");
  EXPECT_FALSE(check_health("127.0.0.1", server.port()));
}

}  // namespace
}  // namespace izpo::app
