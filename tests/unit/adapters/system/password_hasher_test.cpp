#include "adapters/system/password_hasher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "domain/reasons.hpp"
#include "support/run_task.hpp"

namespace izpo::system {
namespace {

using namespace std::chrono_literals;
using testing::run_task;

// Cheap hashes: what is tested is not how dear they are.
HashingOptions cheap(std::chrono::milliseconds wrong_answer_after = 1ms) {
  return {.passes = 1, .memory_bytes = 8192, .wrong_answer_after = wrong_answer_after};
}

// Vectors of other implementations: the first is from crypt_blowfish's own tests, the rest are from
// glibc-style crypt(3) as Python gives it.
constexpr auto kOpenwall = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";  // U*U
constexpr auto kOldAscii =
    "$2b$04$abcdefghijklmnopqrstuuZC/TT3LVhBCjlSIpthj12gxi74sztfW";                        // correcto-caballo
constexpr auto kOldUtf8 = "$2b$04$abcdefghijklmnopqrstuui293SyXwHXOr0TxrT0g3yeGlBowT5Ny";  // ñandú-ütf8-çáé
constexpr auto kOldLong = "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";  // 80 times x

PasswordCheck check(PasswordHasher& hasher, std::string password, std::string hash) {
  const auto answer = run_task(hasher.verify(std::move(password), std::move(hash)));
  EXPECT_TRUE(answer);
  return answer.value();
}

TEST(PasswordHasher, HashesByArgon2idWithTheCostOfToday) {
  Argon2PasswordHasher hasher;
  const std::string hash = run_task(hasher.hash("correcto-caballo")).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_EQ(check(hasher, "correcto-caballo", hash), PasswordCheck::kRight);
}

TEST(PasswordHasher, SaltsEachHash) {
  Argon2PasswordHasher hasher(cheap());
  EXPECT_NE(run_task(hasher.hash("correcto-caballo")).value(),
            run_task(hasher.hash("correcto-caballo")).value());
}

TEST(PasswordHasher, KnowsRightFromWrong) {
  Argon2PasswordHasher hasher(cheap());
  const std::string with_nul("ocho\0ocho", 9);
  for (const std::string& password : {std::string("correcto-caballo"), std::string("ñandú \U0001F600"),
                                      with_nul, std::string(512, 'x'), std::string()}) {
    const std::string hash = run_task(hasher.hash(password)).value();
    EXPECT_EQ(check(hasher, password, hash), PasswordCheck::kRight);
    EXPECT_EQ(check(hasher, password + "x", hash), PasswordCheck::kWrong);
  }
  EXPECT_EQ(check(hasher, "ocho", run_task(hasher.hash(with_nul)).value()), PasswordCheck::kWrong);
}

TEST(PasswordHasher, WantsAnotherCostHashedAgain) {
  Argon2PasswordHasher yesterdays(cheap());
  HashingOptions dearer = cheap();
  dearer.passes = 2;
  Argon2PasswordHasher todays(dearer);
  const std::string hash = run_task(yesterdays.hash("correcto-caballo")).value();
  EXPECT_EQ(check(todays, "correcto-caballo", hash), PasswordCheck::kRightButOld);
  EXPECT_EQ(check(todays, "caballo", hash), PasswordCheck::kWrong);
}

TEST(PasswordHasher, ReadsTheBcryptOfOldAccounts) {
  Argon2PasswordHasher hasher(cheap());
  EXPECT_EQ(check(hasher, "U*U", kOpenwall), PasswordCheck::kRightButOld);
  EXPECT_EQ(check(hasher, "correcto-caballo", kOldAscii), PasswordCheck::kRightButOld);
  EXPECT_EQ(check(hasher, "ñandú-ütf8-çáé", kOldUtf8), PasswordCheck::kRightButOld);
  EXPECT_EQ(check(hasher, std::string(80, 'x'), kOldLong), PasswordCheck::kRightButOld);
  EXPECT_EQ(check(hasher, std::string(600, 'x'), kOldLong), PasswordCheck::kRightButOld) << "cut at 72 bytes";
  EXPECT_EQ(check(hasher, std::string(71, 'x'), kOldLong), PasswordCheck::kWrong);
  EXPECT_EQ(check(hasher, "U*U*", kOpenwall), PasswordCheck::kWrong);
  EXPECT_EQ(check(hasher, std::string("U*U\0x", 5), kOpenwall), PasswordCheck::kWrong);
  EXPECT_EQ(check(hasher, "", kOldAscii), PasswordCheck::kWrong);
}

TEST(PasswordHasher, TakesAnUnreadableHashForWrong) {
  Argon2PasswordHasher hasher(cheap());
  const std::string real = run_task(hasher.hash("correcto-caballo")).value();
  for (const std::string& hash :
       {std::string(), std::string("correcto-caballo"), std::string("$argon2id$"),
        real.substr(0, real.size() - 9), std::string(kOldAscii).substr(0, 40),
        std::string("$2b$99$abcdefghijklmnopqrstuu"), std::string("$2b$"), std::string("*0"),
        std::string("$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"), std::string(10'000, '$')}) {
    EXPECT_EQ(check(hasher, "correcto-caballo", hash), PasswordCheck::kWrong) << hash;
  }
}

TEST(PasswordHasher, AnswersNoWrongPasswordBeforeItsMoment) {
  constexpr auto kMoment = 80ms;
  Argon2PasswordHasher hasher(cheap(kMoment));
  const std::string hash = run_task(hasher.hash("correcto-caballo")).value();
  const auto takes = [](auto call) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(run_task(call()));
    return std::chrono::steady_clock::now() - start;
  };
  EXPECT_GE(takes([&] { return hasher.verify("caballo", hash); }), kMoment);
  EXPECT_GE(takes([&] { return hasher.verify("caballo", kOldAscii); }), kMoment);
  EXPECT_GE(takes([&] { return hasher.verify("caballo", "unreadable"); }), kMoment);
  EXPECT_GE(takes([&] { return hasher.pretend("caballo"); }), kMoment);
}

TEST(PasswordHasher, DoesNotDelayTheRightPassword) {
  Argon2PasswordHasher hasher(cheap(24h));  // a test that waited for it would not end
  const std::string hash = run_task(hasher.hash("correcto-caballo")).value();
  EXPECT_EQ(check(hasher, "correcto-caballo", hash), PasswordCheck::kRight);
  EXPECT_EQ(check(hasher, "correcto-caballo", kOldAscii), PasswordCheck::kRightButOld);
}

TEST(PasswordHasher, RefusesWhatItHasNoPlaceFor) {
  HashingOptions options = cheap();
  options.threads = 1;
  options.most_waiting = 0;
  Argon2PasswordHasher hasher(options);
  const auto hashed = run_task(hasher.hash("correcto-caballo"));
  ASSERT_FALSE(hashed);
  EXPECT_EQ(hashed.error().reason, reason::kOverloaded);
  EXPECT_GT(hashed.error().retry_after.count(), 0);
  EXPECT_EQ(run_task(hasher.verify("caballo", kOldAscii)).error().reason, reason::kOverloaded);
  EXPECT_EQ(run_task(hasher.pretend("caballo")).error().reason, reason::kOverloaded);
}

}  // namespace
}  // namespace izpo::system
