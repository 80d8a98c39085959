#include <gmock/gmock.h>

#include "contract/store_contract.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionStoreContract : public StoreContract {
 protected:
  static constexpr const char* kHash = "hash-of-ana";
  static TokenHash token(unsigned char number) { return TokenHash{number, 0, 0xFF}; }

  SessionId log_in(unsigned char number, std::int64_t lifetime = 100) {
    return ok(sessions().open(ana_.id, kHash, token(number), kNow, later(lifetime)));
  }
  std::string_view rotate(unsigned char from, unsigned char to, std::int64_t at = 10) {
    return failure(sessions().rotate(token(from), token(to), later(at), later(at + 100)));
  }
  bool is_live(SessionId session) { return ok(sessions().find(session)).has_value(); }

  User ana_ = add_user("ana");
};

TEST_P(SessionStoreContract, ALoginIsFoundWithItsUser) {
  const SessionId session = log_in(1);
  const auto user = ok(sessions().find(session));
  ASSERT_TRUE(user);
  EXPECT_EQ(user->id, ana_.id);
  EXPECT_EQ(user->username, "ana");
  EXPECT_FALSE(is_live(SessionId(4711)));
  EXPECT_NE(log_in(2), session);
}

TEST_P(SessionStoreContract, OnlyAnActiveAccountLogsIn) {
  EXPECT_EQ(failure(sessions().open(UserId(4711), kHash, token(1), kNow, later(1))), "user_not_found");
  ok(users().set_active(ana_.id, false, kNow));
  EXPECT_EQ(failure(sessions().open(ana_.id, kHash, token(1), kNow, later(1))), "inactive_user");
}

TEST_P(SessionStoreContract, NobodyLogsInWithAPasswordThatWasChangedMeanwhile) {
  ok(users().set_password(ana_.id, "another hash", std::nullopt, std::nullopt, kNow));
  EXPECT_EQ(failure(sessions().open(ana_.id, kHash, token(1), kNow, later(100))), "wrong_current_password");
  EXPECT_EQ(rotate(1, 2), "invalid_refresh_token");
  EXPECT_TRUE(is_live(ok(sessions().open(ana_.id, "another hash", token(1), kNow, later(100)))));
}

TEST_P(SessionStoreContract, ALoginAndAChangeOfItsPasswordAtOnceLeaveNoLoginBehind) {
  auto [opened, changed] = at_once(
      [&] { return sessions().open(ana_.id, kHash, token(1), kNow, later(100)); },
      [&] { return users().set_password(ana_.id, "another hash", std::nullopt, std::nullopt, kNow); });
  ASSERT_TRUE(changed);
  if (opened) EXPECT_FALSE(is_live(*opened)) << "it came first, so the change ended it";
}

TEST_P(SessionStoreContract, ATokenIsTradedForTheNextOfItsLogin) {
  const SessionId session = log_in(1);
  const auto principal = ok(sessions().rotate(token(1), token(2), later(10), later(110)));
  EXPECT_EQ(principal.session, session);
  EXPECT_EQ(principal.user.id, ana_.id);
  EXPECT_EQ(rotate(2, 3), "ok");
  EXPECT_TRUE(is_live(session));
}

TEST_P(SessionStoreContract, ATokenPresentedTwiceEndsItsWholeLogin) {
  const SessionId session = log_in(1);
  const SessionId other = log_in(9);
  EXPECT_EQ(rotate(1, 2), "ok");
  EXPECT_EQ(rotate(1, 3, 20), "invalid_refresh_token");
  EXPECT_FALSE(is_live(session));
  EXPECT_EQ(rotate(2, 4), "invalid_refresh_token");
  EXPECT_EQ(rotate(3, 4), "invalid_refresh_token");
  EXPECT_TRUE(is_live(other));
  const auto ended = ok(sessions().ended_since(kNow));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].session, session);
  EXPECT_EQ(ended[0].ended_at, later(20));
}

TEST_P(SessionStoreContract, AnUnknownOrExpiredTokenIsRefused) {
  log_in(1, 100);
  EXPECT_EQ(rotate(7, 8), "invalid_refresh_token");
  EXPECT_EQ(rotate(1, 2, 100), "invalid_refresh_token");
  EXPECT_EQ(rotate(2, 3, 10), "invalid_refresh_token");
}

TEST_P(SessionStoreContract, EveryTradeMovesTheEnd) {
  log_in(1, 100);
  EXPECT_EQ(rotate(1, 2, 99), "ok");   // good until 199
  EXPECT_EQ(rotate(2, 3, 198), "ok");  // good until 298
  EXPECT_EQ(rotate(3, 4, 298), "invalid_refresh_token");
}

TEST_P(SessionStoreContract, TheTokenOfAnEndedLoginIsRefused) {
  const SessionId session = log_in(1);
  ok(sessions().end(session, later(1)));
  EXPECT_EQ(rotate(1, 2), "invalid_refresh_token");
  EXPECT_FALSE(is_live(session));
}

TEST_P(SessionStoreContract, OfTwoTradesOfOneTokenAtOnceAtMostOneWins) {
  for (unsigned char round = 0; round < 20; ++round) {
    const auto first_token = static_cast<unsigned char>(3 * round);
    const SessionId session = log_in(first_token);
    const auto trade = [&](unsigned char next) {
      return sessions().rotate(token(first_token), token(static_cast<unsigned char>(first_token + next)),
                               later(1), later(100));
    };
    const auto [one, other] = at_once([&] { return trade(1); }, [&] { return trade(2); });
    EXPECT_NE(one.has_value(), other.has_value());
    EXPECT_FALSE(is_live(session)) << "somebody has a copy";
  }
}

TEST_P(SessionStoreContract, EndingTwiceIsNoErrorAndKeepsTheFirstTime) {
  const SessionId session = log_in(1);
  ok(sessions().end(session, later(1)));
  ok(sessions().end(session, later(9)));
  ok(sessions().end(SessionId(4711), later(9)));
  const auto ended = ok(sessions().ended_since(kNow));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].ended_at, later(1));
}

TEST_P(SessionStoreContract, EndedLoginsAreToldFromAMomentOnOldestFirst) {
  const SessionId late = log_in(1);
  const SessionId early = log_in(2);
  const SessionId before = log_in(3);
  log_in(4);
  ok(sessions().end(late, later(30)));
  ok(sessions().end(early, later(20)));
  ok(sessions().end(before, later(10)));
  std::vector<SessionId> ended;
  for (const EndedSession& one : ok(sessions().ended_since(later(20)))) {
    EXPECT_EQ(one.user, ana_.id);
    ended.push_back(one.session);
  }
  EXPECT_THAT(ended, ElementsAre(early, late));
  EXPECT_THAT(ok(sessions().ended_since(later(31))), IsEmpty());
}

TEST_P(SessionStoreContract, PurgingForgetsTheEndedAndTheExpired) {
  const SessionId live = log_in(1, 500);
  const SessionId ended = log_in(2, 500);
  const SessionId expired = log_in(3, 50);
  const SessionId ended_late = log_in(4, 500);
  ok(sessions().end(ended, later(10)));
  ok(sessions().end(ended_late, later(100)));
  EXPECT_EQ(ok(sessions().purge(later(100))), 2);
  EXPECT_EQ(ok(sessions().purge(later(100))), 0);
  EXPECT_TRUE(is_live(live));
  EXPECT_FALSE(is_live(expired));
  EXPECT_EQ(ok(sessions().ended_since(kNow)).size(), 1U);
  EXPECT_EQ(rotate(1, 9), "ok");
}

TEST_P(SessionStoreContract, LoginsAndTradedTokensAreThereAfterReopening) {
  const SessionId session = log_in(1);
  EXPECT_EQ(rotate(1, 2), "ok");
  backend().reopen();
  EXPECT_TRUE(is_live(session));
  EXPECT_EQ(rotate(2, 3), "ok");
  EXPECT_EQ(rotate(1, 4), "invalid_refresh_token");
  EXPECT_FALSE(is_live(session));
}

INSTANTIATE_TEST_SUITE_P(Every, SessionStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
