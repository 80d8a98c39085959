#include "adapters/postgres/endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace izpo::postgres {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

std::vector<Endpoint> endpoints(std::string_view url) {
  const auto address = Address::parse(url);
  EXPECT_TRUE(address) << address.error();
  return endpoints_of(address.value_or(Address{}));
}

TEST(PostgresEndpoints, AreOneForEachHostInTheirOrder) {
  EXPECT_THAT(endpoints("postgresql://ana@127.0.0.2:5433,[::1]:5434,127.0.0.1/chat"),
              ElementsAre(Endpoint{"127.0.0.2", "127.0.0.2", "5433"}, Endpoint{"::1", "::1", "5434"},
                          Endpoint{"127.0.0.1", "127.0.0.1", ""}));
  EXPECT_THAT(
      endpoints("postgresql://ana@127.0.0.2,127.0.0.1/chat?port=6000"),
      ElementsAre(Endpoint{"127.0.0.2", "127.0.0.2", "6000"}, Endpoint{"127.0.0.1", "127.0.0.1", "6000"}));
}

TEST(PostgresEndpoints, AreOneForEachAddressOfAName) {
  const auto found = endpoints("postgresql://ana@localhost:5433/chat");
  EXPECT_THAT(found, Contains(Endpoint{"localhost", "127.0.0.1", "5433"}));
  for (const Endpoint& each : found) EXPECT_EQ(each.host, "localhost") << "its certificate's name";
}

TEST(PostgresEndpoints, AreAsWrittenWhereNothingIsLookedUp) {
  EXPECT_THAT(endpoints("postgresql:///chat"), ElementsAre(Endpoint{}));
  EXPECT_THAT(endpoints("postgresql://ana@/chat?host=/run/postgresql&port=5433"),
              ElementsAre(Endpoint{"/run/postgresql", "", "5433"}));
  EXPECT_THAT(endpoints("postgresql://ana@db.invalid/chat"), ElementsAre(Endpoint{"db.invalid", "", ""}));
  EXPECT_THAT(
      endpoints("postgresql://ana@one.invalid,two.invalid/chat?hostaddr=192.0.2.1,192.0.2.2"),
      ElementsAre(Endpoint{"one.invalid", "192.0.2.1", ""}, Endpoint{"two.invalid", "192.0.2.2", ""}));
  EXPECT_THAT(endpoints("postgresql:///chat?hostaddr=192.0.2.1"), ElementsAre(Endpoint{"", "192.0.2.1", ""}));
}

TEST(PostgresEndpoints, AreLeftToLibpqWhenTheirNumbersDiffer) {
  EXPECT_THAT(endpoints("postgresql://ana@one,two/chat?port=1,2,3"),
              ElementsAre(Endpoint{"one,two", "", "1,2,3"}));
  EXPECT_THAT(endpoints("postgresql://ana@one,two/chat?hostaddr=192.0.2.1"),
              ElementsAre(Endpoint{"one,two", "192.0.2.1", ","}));
}

}  // namespace
}  // namespace izpo::postgres
