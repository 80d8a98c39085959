#include "api/client_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace izpo::api {
namespace {

std::string address(std::string peer, std::initializer_list<std::string> forwarded = {}) {
  Request request;
  request.peer_address = std::move(peer);
  for (const std::string& field : forwarded) request.headers.add("x-forwarded-for", field);
  return client_address(request);
}

TEST(ClientAddress, IsTheConnectionsWithoutAProxy) {
  EXPECT_EQ(address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(address("127.0.0.1"), "127.0.0.1");
}

TEST(ClientAddress, IsWhatAProxyOnThisMachineSaysLast) {
  EXPECT_EQ(address("127.0.0.1", {"192.0.2.1"}), "192.0.2.1");
  EXPECT_EQ(address("::1", {" 2001:db8::1 "}), "2001:db8::1");
  EXPECT_EQ(address("::ffff:127.0.0.1", {"192.0.2.1"}), "192.0.2.1");
  EXPECT_EQ(address("127.0.0.1", {"198.51.100.7, 192.0.2.1"}), "192.0.2.1")
      << "the first came with the request";
  EXPECT_EQ(address("127.0.0.1", {"198.51.100.7", "192.0.2.1"}), "192.0.2.1") << "two fields are one list";
}

TEST(ClientAddress, TakesNobodyElsesWord) {
  EXPECT_EQ(address("192.0.2.1", {"198.51.100.7"}), "192.0.2.1");
  EXPECT_EQ(address("10.0.0.1", {"198.51.100.7"}), "10.0.0.1");
}

TEST(ClientAddress, TakesNothingThatIsNoAddress) {
  for (const char* word :
       {"", " ", ",", "192.0.2.1,", "unknown", "192.0.2.1:80", "[2001:db8::1]", "192.0.2"}) {
    EXPECT_EQ(address("127.0.0.1", {word}), "127.0.0.1") << word;
  }
}

}  // namespace
}  // namespace izpo::api
