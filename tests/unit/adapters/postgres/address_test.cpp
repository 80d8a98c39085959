#include "adapters/postgres/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace izpo::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Address read(std::string_view url) {
  auto address = Address::parse(url);
  EXPECT_TRUE(address) << address.error();
  return address.value_or(Address{});
}

std::string problem(std::string_view url) {
  const auto address = Address::parse(url);
  return address ? "no problem" : address.error();
}

TEST(PostgresAddress, APasswordIsPercentDecodedAndNeverShown) {
  const Address address = read("postgresql://ana:p%C3%A4ss%40%3A%2F%3F%23%25@db.example.org:5433/chat");
  EXPECT_EQ(address.value("user"), "ana");
  EXPECT_EQ(address.value("password"), "päss@:/?#%");
  EXPECT_EQ(address.value("host"), "db.example.org");
  EXPECT_EQ(address.value("port"), "5433");
  EXPECT_EQ(address.value("dbname"), "chat");
  EXPECT_EQ(address.shown, "ana@db.example.org:5433/chat");
  EXPECT_FALSE(address.pooled);
  EXPECT_THAT(address.notes, IsEmpty());
}

TEST(PostgresAddress, OtherSchemesIpv6AndSeveralHostsAreRead) {
  EXPECT_EQ(read("postgres://ana@db/chat").value("host"), "db");
  EXPECT_EQ(read("postgresql+psycopg2://ana@db/chat").value("host"), "db");
  EXPECT_EQ(read("postgresql+asyncpg://ana@db/chat").value("dbname"), "chat");
  EXPECT_EQ(read("postgresql://ana@[2001:db8::1]:5432/chat").value("host"), "2001:db8::1");
  const Address several = read("postgresql://ana@one:5432,two:5433/chat");
  EXPECT_EQ(several.value("host"), "one,two");
  EXPECT_EQ(several.value("target_session_attrs"), "read-write");
  EXPECT_EQ(read("postgresql://ana@one,two/chat?target_session_attrs=any").value("target_session_attrs"),
            "any");
}

TEST(PostgresAddress, WhatLibpqKnowsIsKeptAndTheRestIsDroppedWithANote) {
  const Address address = read(
      "postgresql://ana@db/chat?sslmode=verify-full&schema=public&connection_limit=5&application_name=x");
  EXPECT_EQ(address.value("sslmode"), "verify-full");
  EXPECT_EQ(address.value("application_name"), "x");
  EXPECT_THAT(address.notes, ElementsAre(HasSubstr("schema"), HasSubstr("connection_limit")));
  EXPECT_EQ(read("postgresql://ana@db/chat?sslrootcert=system").value("sslrootcert"),
            "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(read("postgresql://ana@db/chat?options=-c%20a%3Db").value("options"), "-c a=b");
}

TEST(PostgresAddress, APoolerIsKnownByItsPortOrByName) {
  EXPECT_TRUE(read("postgresql://ana@aws-0.pooler.supabase.com:6543/postgres").pooled);
  const Address named = read("postgresql://ana@db/chat?pgbouncer=true&options=-c%20a%3Db");
  EXPECT_TRUE(named.pooled);
  EXPECT_EQ(named.value("options"), "");
  EXPECT_THAT(named.notes, ElementsAre(HasSubstr("pgbouncer"), HasSubstr("options")));
  EXPECT_FALSE(read("postgresql://ana@db/chat?pgbouncer=false").pooled);
}

TEST(PostgresAddress, AProblemRepeatsNothingOfTheUrl) {
  for (const char* url :
       {"postgresql://ana:hunter2%zz@db/chat", "postgresql://ana:hunter2@[::1/chat",
        "postgresql://ana:hunter2@db/chat?sslmode", "postgresql://ana:hunter2@db:x/chat",
        "postgresql://ana:hunter2@db:70000/chat", "postgresql://ana:hunter2@[::1]hunter2/chat",
        "postgresql://ana:@hunter2@db/chat", "postgresql://ana:1234/hunter2@db/chat",
        "postgresql://ana:1/2/hunter2@db:5432/chat?sslmode=require", "postgresql://ana:1234?hunter2@db/chat",
        "postgresql://ana:1234?a=b&hunter2@db/chat", "postgresql://ana:/hunter2@db/chat",
        "postgresql://ana:?hunter2@db/chat", "postgresql://ana@hunter2@db/chat"}) {
    EXPECT_THAT(problem(url), Not(HasSubstr("hunter2"))) << url;
    EXPECT_THAT(problem(url), HasSubstr("cannot be read")) << url;
    EXPECT_THAT(problem(url), HasSubstr("write @ : / ? # % as %40")) << url;
  }
  EXPECT_EQ(read("postgresql://ana%40example.org:a%40b@db/ch%40t?application_name=a@b").value("dbname"),
            "ch@t");
  EXPECT_THAT(problem("mysql://db/chat"), HasSubstr("is not an address of PostgreSQL"));
  EXPECT_THAT(problem("postgres"), HasSubstr("is not an address of PostgreSQL"));
}

}  // namespace
}  // namespace izpo::postgres
