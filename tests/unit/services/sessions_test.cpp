#include "services/sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "domain/reasons.hpp"
#include "support/identity_fixture.hpp"

namespace izpo::services {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::run_task;

class SessionsTest : public testing::IdentityFixture {
 protected:
  void SetUp() override { ana_ = add_user("Ana"); }

  Result<Login> refresh(const std::string& token) { return run_task(sessions_->refresh(token)); }
  void sweep() { ASSERT_TRUE(run_task(sessions_->sweep())); }

  User ana_;
};

TEST_F(SessionsTest, LogsInByNameAndByEmailInAnyCase) {
  for (const char* login : {"Ana", "ANA", " ana\n", "ana@example.com", "ANA@Example.COM", "Ａｎａ"}) {
    const auto logged_in = log_in(login);
    ASSERT_TRUE(logged_in) << login;
    EXPECT_EQ(logged_in->expires_in, 1800);
    const auto principal = authenticate(logged_in->access_token);
    ASSERT_TRUE(principal) << login;
    EXPECT_EQ(principal->user.id, ana_.id);
    EXPECT_EQ(principal->user.email, "Ana@example.com");
  }
}

TEST_F(SessionsTest, TellsAnUnknownUserAndAWrongPasswordAlike) {
  for (const std::string& login :
       {std::string("Ana"), std::string("nobody"), std::string("nobody@example.com")}) {
    EXPECT_EQ(log_in(login, "not-the-password").error().reason, reason::kInvalidCredentials) << login;
  }
  EXPECT_EQ(log_in("nobody", "").error().reason, reason::kInvalidCredentials);
}

TEST_F(SessionsTest, TakesALoginThatNobodyCanHaveForUnknown) {
  const std::vector<std::string> impossible = {"", "\xFF", std::string(100'000, 'a'),
                                               std::string("Ana\0", 4)};
  for (std::size_t i = 0; i < impossible.size(); ++i) {
    const auto refused = log_in(impossible[i], testing::kPassword, "192.0.2." + std::to_string(i));
    EXPECT_EQ(refused.error().reason, reason::kInvalidCredentials) << i;
  }
}

TEST_F(SessionsTest, TellsOfAnInactiveAccountOnlyAfterTheRightPassword) {
  ASSERT_TRUE(run_task(store_->users().set_active(ana_.id, false, clock_.now())));
  EXPECT_EQ(log_in("Ana", "not-the-password").error().reason, reason::kInvalidCredentials);
  EXPECT_EQ(log_in("Ana").error().reason, reason::kInactiveUser);
}

TEST_F(SessionsTest, SlowsGuessingButNotOneWhoIsRight) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(log_in("Ana"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(log_in(i % 2 == 0 ? "Ana" : "ana@example.com", "guess").error().reason,
              reason::kInvalidCredentials);
  }
  const auto refused = log_in("Ana", "guess");
  EXPECT_EQ(refused.error().reason, reason::kTooManyLogins) << "name and e-mail have one budget";
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(60));
  clock_.advance(60s);
  EXPECT_TRUE(log_in("Ana"));
}

TEST_F(SessionsTest, SlowsGuessingOfAnAccountThatDoesNotExistTheSame) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(log_in("nobody", "guess").error().reason, reason::kInvalidCredentials);
  EXPECT_EQ(log_in("nobody", "guess").error().retry_after, std::chrono::seconds(60));
}

TEST_F(SessionsTest, CountsNoAttemptThatWasNotLookedAt) {
  system::Argon2PasswordHasher full({.threads = 1, .most_waiting = 0});
  Sessions overloaded({.users = store_->users(),
                       .sessions = store_->sessions(),
                       .passwords = full,
                       .tokens = signer_,
                       .random = random_,
                       .clock = clock_,
                       .live = live_},
                      rules());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(run_task(overloaded.log_in("Ana", "guess", "192.0.2.1")).error().reason, reason::kOverloaded);
  }
}

TEST_F(SessionsTest, GivesAnOldHashTheSchemeOfToday) {
  // bcrypt of kPassword, as an account from before has it.
  constexpr auto kBcrypt = "$2b$04$abcdefghijklmnopqrstuuZC/TT3LVhBCjlSIpthj12gxi74sztfW";
  ASSERT_TRUE(
      run_task(store_->users().set_password(ana_.id, kBcrypt, std::nullopt, std::nullopt, clock_.now())));
  EXPECT_EQ(log_in("Ana", "not-the-password").error().reason, reason::kInvalidCredentials);
  EXPECT_EQ(run_task(store_->users().find_credentials("ana")).value()->password_hash, kBcrypt);
  ASSERT_TRUE(log_in("Ana"));
  EXPECT_TRUE(
      run_task(store_->users().find_credentials("ana")).value()->password_hash.starts_with("$argon2id$"));
  ASSERT_TRUE(log_in("Ana"));
}

// Does something between the moment at which a password was found right and the login that follows.
class InterruptedHasher final : public PasswordHasher {
 public:
  InterruptedHasher(PasswordHasher& hasher, std::function<void()> interruption)
      : hasher_(hasher), interruption_(std::move(interruption)) {}

  Task<Result<std::string>> hash(std::string password) override { return hasher_.hash(std::move(password)); }
  Task<Result<PasswordCheck>> verify(std::string password, std::string hash) override {
    const auto checked = co_await hasher_.verify(std::move(password), std::move(hash));
    if (checked && *checked != PasswordCheck::kWrong && interruption_)
      std::exchange(interruption_, nullptr)();
    co_return checked;
  }
  Task<Result<void>> pretend(std::string password) override { return hasher_.pretend(std::move(password)); }

 private:
  PasswordHasher& hasher_;
  std::function<void()> interruption_;
};

class InterruptedLoginTest : public SessionsTest {
 protected:
  Result<Login> log_in_while(std::function<void()> interruption) {
    InterruptedHasher hasher(hasher_, std::move(interruption));
    Sessions sessions({.users = store_->users(),
                       .sessions = store_->sessions(),
                       .passwords = hasher,
                       .tokens = signer_,
                       .random = random_,
                       .clock = clock_,
                       .live = live_},
                      rules());
    return run_task(sessions.log_in("Ana", std::string(testing::kPassword), std::string(testing::kAddress)));
  }

  std::string hash_of(std::string password) { return run_task(hasher_.hash(std::move(password))).value(); }
  void set_hash(std::string hash) {
    ASSERT_TRUE(run_task(
        store_->users().set_password(ana_.id, std::move(hash), std::nullopt, std::nullopt, clock_.now())));
  }
};

TEST_F(InterruptedLoginTest, AnOldPasswordOpensNothingAfterItsChange) {
  const std::string changed = hash_of("otra-clave-del-todo");
  EXPECT_EQ(log_in_while([&] { set_hash(changed); }).error().reason, reason::kInvalidCredentials);
}

TEST_F(InterruptedLoginTest, ABetterHashOfTheSamePasswordDisturbsNoLogin) {
  const std::string better = hash_of(std::string(testing::kPassword));
  const auto logged_in = log_in_while([&] { set_hash(better); });
  ASSERT_TRUE(logged_in);
  EXPECT_TRUE(authenticate(logged_in->access_token));
}

TEST_F(SessionsTest, KnowsNoTokenButItsOwn) {
  const std::string token = log_in("Ana")->access_token;
  EXPECT_EQ(authenticate("").error().reason, reason::kInvalidToken);
  EXPECT_EQ(authenticate("x.y.z").error().reason, reason::kInvalidToken);
  EXPECT_EQ(authenticate(token + "x").error().reason, reason::kInvalidToken);
  EXPECT_EQ(authenticate(log_in("Ana")->refresh_token).error().reason, reason::kInvalidToken);
}

TEST_F(SessionsTest, TakesNoTokenOfSomebodyElsesLogin) {
  const Principal principal = caller("Ana");
  const User eva = add_user("Eva");
  const std::string crossed = signer_.sign({.user = eva.id,
                                            .session = principal.session,
                                            .issued_at = clock_.now(),
                                            .expires_at = clock_.now() + 1min});
  EXPECT_EQ(authenticate(crossed).error().reason, reason::kInvalidToken);
}

TEST_F(SessionsTest, EndsATokenAtItsTimeAlsoWhenItIsRemembered) {
  const std::string token = log_in("Ana")->access_token;
  clock_.advance(30min - 500ms);
  ASSERT_TRUE(authenticate(token));
  clock_.advance(500ms);
  EXPECT_EQ(authenticate(token).error().reason, reason::kTokenExpired);
}

TEST_F(SessionsTest, TradesARefreshTokenForANewPair) {
  const Login first = log_in("Ana").value();
  const Principal before = authenticate(first.access_token).value();
  clock_.advance(31min);
  const auto second = refresh(first.refresh_token);
  ASSERT_TRUE(second);
  EXPECT_NE(second->refresh_token, first.refresh_token);
  EXPECT_EQ(second->expires_in, 1800);
  const auto after = authenticate(second->access_token);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->session, before.session) << "it is still the same login";
}

TEST_F(SessionsTest, EndsTheLoginWhoseRefreshTokenComesTwice) {
  const Login first = log_in("Ana").value();
  const Login second = refresh(first.refresh_token).value();
  const Principal principal = authenticate(second.access_token).value();
  EXPECT_EQ(refresh(first.refresh_token).error().reason, reason::kInvalidRefreshToken);
  sweep();
  EXPECT_EQ(authenticate(second.access_token).error().reason, reason::kLoginEnded);
  EXPECT_EQ(refresh(second.refresh_token).error().reason, reason::kInvalidRefreshToken);
  EXPECT_THAT(live_.closed_sessions, ElementsAre(principal.session));
}

TEST_F(SessionsTest, KnowsNoOtherRefreshToken) {
  const Login login = log_in("Ana").value();
  for (const std::string& token : {std::string(), std::string("x"), login.access_token,
                                   login.refresh_token + "x", std::string(100'000, 'a')}) {
    EXPECT_EQ(refresh(token).error().reason, reason::kInvalidRefreshToken);
  }
  EXPECT_TRUE(refresh(login.refresh_token)) << "and the right one is still good";
}

TEST_F(SessionsTest, EndsARefreshTokenAtItsTime) {
  const Login login = log_in("Ana").value();
  clock_.advance(std::chrono::days(30));
  EXPECT_EQ(refresh(login.refresh_token).error().reason, reason::kInvalidRefreshToken);
}

TEST_F(SessionsTest, LogsOutOneLoginAtOnce) {
  const Login here = log_in("Ana").value();
  const Login there = log_in("Ana").value();
  const Principal principal = authenticate(here.access_token).value();
  ASSERT_TRUE(run_task(sessions_->log_out(principal)));
  EXPECT_EQ(authenticate(here.access_token).error().reason, reason::kLoginEnded);
  EXPECT_EQ(refresh(here.refresh_token).error().reason, reason::kInvalidRefreshToken);
  EXPECT_THAT(live_.closed_sessions, ElementsAre(principal.session));
  EXPECT_TRUE(authenticate(there.access_token));
  EXPECT_TRUE(run_task(sessions_->log_out(principal))) << "once more is no error";
}

TEST_F(SessionsTest, NoticesByTheSweepWhatAnotherProcessEnded) {
  const Login login = log_in("Ana").value();
  const Principal principal = authenticate(login.access_token).value();
  const auto elsewhere = make_sessions();
  ASSERT_TRUE(run_task(elsewhere->log_out(principal)));
  live_.closed_sessions.clear();
  EXPECT_TRUE(authenticate(login.access_token)) << "remembered for a moment";
  sweep();
  EXPECT_EQ(authenticate(login.access_token).error().reason, reason::kLoginEnded);
  EXPECT_THAT(live_.closed_sessions, ElementsAre(principal.session));
  clock_.advance(1s);
  sweep();
  EXPECT_THAT(live_.closed_sessions, ElementsAre(principal.session)) << "and is told once";
}

TEST_F(SessionsTest, NoticesWithoutASweepWithinASecond) {
  const Login login = log_in("Ana").value();
  const Principal principal = authenticate(login.access_token).value();
  ASSERT_TRUE(run_task(make_sessions()->log_out(principal)));
  clock_.advance(1s);
  EXPECT_EQ(authenticate(login.access_token).error().reason, reason::kLoginEnded);
}

TEST_F(SessionsTest, NoticesALoginThatEndedBeforeTheLastSweepByAnotherClock) {
  const Principal principal = caller("Ana");
  clock_.advance(1h);
  sweep();
  ASSERT_TRUE(run_task(store_->sessions().end(principal.session, clock_.now() - 30s)));
  clock_.advance(1s);
  sweep();
  EXPECT_THAT(live_.closed_sessions, ElementsAre(principal.session));
}

TEST_F(SessionsTest, EndsEveryLoginOfADeactivatedUser) {
  const Principal first = caller("Ana");
  const Login login = log_in("Ana").value();
  const Principal second = authenticate(login.access_token).value();
  ASSERT_TRUE(run_task(store_->users().set_active(ana_.id, false, clock_.now())));
  sweep();
  EXPECT_THAT(live_.closed_sessions, ::testing::UnorderedElementsAre(first.session, second.session));
  EXPECT_EQ(authenticate(login.access_token).error().reason, reason::kLoginEnded);
  EXPECT_EQ(refresh(login.refresh_token).error().reason, reason::kInvalidRefreshToken);
}

TEST_F(SessionsTest, SeesAChangeOfProfileWithinASecondOrAtOnceWhenToldToForget) {
  const std::string token = log_in("Ana")->access_token;
  ASSERT_TRUE(authenticate(token));
  UserChange change;
  change.full_name = std::optional<std::string>("Ana Pérez");
  ASSERT_TRUE(run_task(store_->users().update(ana_.id, change, clock_.now())));
  EXPECT_FALSE(authenticate(token)->user.full_name);
  sessions_->forget(ana_.id);
  EXPECT_EQ(authenticate(token)->user.full_name, "Ana Pérez");

  change.full_name = std::optional<std::string>("Ana P.");
  ASSERT_TRUE(run_task(store_->users().update(ana_.id, change, clock_.now())));
  clock_.advance(1s);
  EXPECT_EQ(authenticate(token)->user.full_name, "Ana P.");
}

TEST_F(SessionsTest, ClearsAwayOnceAnHourWhatEndedLongAgo) {
  const Principal principal = caller("Ana");
  const Timestamp ended_at = clock_.now();
  ASSERT_TRUE(run_task(sessions_->log_out(principal)));
  const auto stored = [&] { return run_task(store_->sessions().ended_since(ended_at)).value().size(); };
  clock_.advance(24h);
  sweep();
  EXPECT_EQ(stored(), 1U) << "a day old to the moment";
  clock_.advance(1min);
  sweep();
  EXPECT_EQ(stored(), 1U) << "the hour has not passed";
  clock_.advance(59min);
  sweep();
  EXPECT_EQ(stored(), 0U);
}

TEST_F(SessionsTest, ProvesThatTheCallerKnowsThePassword) {
  const Principal principal = caller("Ana");
  const auto proven = run_task(sessions_->prove(principal, std::string(testing::kPassword)));
  ASSERT_TRUE(proven);
  EXPECT_EQ(*proven, run_task(store_->users().find_credentials("ana")).value()->password_hash);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run_task(sessions_->prove(principal, "guess")).error().reason, reason::kWrongCurrentPassword);
  }
  EXPECT_EQ(run_task(sessions_->prove(principal, "guess")).error().reason, reason::kTooManyLogins);
  EXPECT_TRUE(log_in("Ana")) << "who holds the token cannot keep its owner from logging in";
}

}  // namespace
}  // namespace izpo::services
