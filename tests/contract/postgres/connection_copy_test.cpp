#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "adapters/postgres/database.hpp"
#include "contract/postgres_database.hpp"
#include "domain/reasons.hpp"
#include "support/run_task.hpp"

namespace izpo::testing {
namespace {

using ::testing::HasSubstr;

constexpr sql::Statement kOne("SELECT 1");

// COPY on a connection: whatever becomes of it, the connection goes on.
class PostgresCopyTest : public ::testing::Test {
 protected:
  using Copied = std::expected<std::int64_t, postgres::Failure>;

  // Runs `body` on a connection, and sees that it is good afterwards.
  template <class Body>
  void on_connection(Body body) {
    const auto done =
        run_task(database_.write_directly([&](postgres::Connection& connection) -> Task<Result<void>> {
          co_await body(connection);
          connection.add(kOne);
          const auto answers =
              co_await connection.exchange(postgres::Connection::Clock::now() + std::chrono::seconds(10));
          EXPECT_TRUE(answers && answers->front().row(0).integer() == 1);
          co_return Result<void>();
        }));
    EXPECT_TRUE(done) << done.error().log_detail;
  }

  const PostgresDatabase where_;
  postgres::Database database_{where_.options()};
};

TEST_F(PostgresCopyTest, GoesInAndComesOut) {
  where_.execute("CREATE TABLE things (id bigint, name text)");
  on_connection([](postgres::Connection& connection) -> Task<> {
    int pieces = 3;
    std::string piece;
    const auto in = co_await connection.copy_in("COPY things FROM STDIN", [&]() -> Result<std::string_view> {
      piece = pieces-- > 0 ? std::string(1 << 20, 'x') : "";
      if (!piece.empty()) piece = "1\t" + piece + "\n";
      return piece;
    });
    EXPECT_EQ(in.value_or(-1), 3);
    std::size_t size = 0;
    const auto out = co_await connection.copy_out("COPY things TO STDOUT",
                                                  [&](std::string_view bytes) { size += bytes.size(); });
    EXPECT_EQ(out.value_or(-1), 3);
    EXPECT_EQ(size, 3 * ((1U << 20U) + 3));
  });
}

TEST_F(PostgresCopyTest, FailsAsItsSourceDoes) {
  where_.execute("CREATE TABLE things (id bigint, name text)");
  on_connection([](postgres::Connection& connection) -> Task<> {
    bool first = true;
    const Copied in =
        co_await connection.copy_in("COPY things FROM STDIN", [&]() -> Result<std::string_view> {
          if (std::exchange(first, false)) return "1\tuno\n";
          return fail(Error(reason::kShuttingDown, "interrupted"));
        });
    EXPECT_TRUE(!in && in.error().error.reason == reason::kShuttingDown);
    std::size_t size = 0;
    const Copied out = co_await connection.copy_out("COPY things TO STDOUT",
                                                    [&](std::string_view bytes) { size += bytes.size(); });
    EXPECT_EQ(out.value_or(-1), 0);
    EXPECT_EQ(size, 0);
  });
}

TEST_F(PostgresCopyTest, SaysWhatPostgresqlRefuses) {
  where_.execute("CREATE TABLE things (id bigint)");
  on_connection([](postgres::Connection& connection) -> Task<> {
    const auto detail = [](const Copied& copied) { return copied ? "" : copied.error().error.log_detail; };
    int pieces = 100;
    const auto next = [&]() -> Result<std::string_view> { return pieces-- > 0 ? "uno\n" : ""; };
    EXPECT_THAT(detail(co_await connection.copy_in("COPY things FROM STDIN", next)), HasSubstr("22P02"));
    EXPECT_THAT(detail(co_await connection.copy_in("COPY nothing FROM STDIN", next)), HasSubstr("42P01"));
    EXPECT_THAT(
        detail(co_await connection.copy_out(
            "COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) n) TO STDOUT", [](std::string_view) {})),
        HasSubstr("22012"));
  });
}

}  // namespace
}  // namespace izpo::testing
