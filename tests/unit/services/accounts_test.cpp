#include "services/accounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/reasons.hpp"
#include "support/identity_fixture.hpp"

namespace izpo::services {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::run_task;

class AccountsTest : public testing::IdentityFixture {
 protected:
  static Registration registration(std::string username, std::string email) {
    return {.username = std::move(username),
            .email = std::move(email),
            .password = std::string(testing::kPassword),
            .full_name = std::nullopt};
  }
  Result<User> enrol(Registration wanted) { return run_task(accounts_->register_user(std::move(wanted))); }

  static std::vector<std::string> broken_fields(const Error& error) {
    std::vector<std::string> fields;
    for (const FieldError& field : error.fields) fields.push_back(field.loc.at(1) + ":" + field.type);
    return fields;
  }
};

TEST_F(AccountsTest, RegistersAUserInTheFormThatIsKept) {
  Registration wanted = registration("Jose\u0301", " Jose@Example.COM ");
  wanted.full_name = "  José Pérez ";
  const auto user = enrol(std::move(wanted));
  ASSERT_TRUE(user);
  EXPECT_EQ(user->username, "José");
  EXPECT_EQ(user->email, "Jose@example.com");
  EXPECT_EQ(user->full_name, "José Pérez");
  EXPECT_TRUE(user->is_active);
  EXPECT_EQ(user->created_at, clock_.now());
  EXPECT_FALSE(user->updated_at);
  EXPECT_TRUE(log_in("JOSÉ"));
}

TEST_F(AccountsTest, TellsOfEveryWrongFieldAtOnce) {
  const auto user = enrol({.username = "a@b", .email = "nowhere", .password = "short", .full_name = "a\nb"});
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().reason, reason::kValidation);
  EXPECT_THAT(broken_fields(user.error()), ElementsAre("username:value_error", "email:value_error",
                                                       "password:string_too_short", "full_name:value_error"));
  EXPECT_EQ(user.error().fields[0].loc[0], "body");
}

TEST_F(AccountsTest, GivesANameAndAnAddressOnce) {
  ASSERT_TRUE(enrol(registration("Ana", "ana@example.com")));
  EXPECT_EQ(enrol(registration("ANA", "other@example.com")).error().reason, reason::kUsernameTaken);
  EXPECT_EQ(enrol(registration("Аna", "other@example.com")).error().reason, reason::kUsernameTaken)
      << "a Cyrillic А";
  EXPECT_EQ(enrol(registration("other", "ANA@EXAMPLE.COM")).error().reason, reason::kEmailTaken);
  EXPECT_EQ(enrol(registration("ana", "ana@example.com")).error().reason, reason::kEmailTaken);
  EXPECT_TRUE(enrol(registration("other", "other@example.com")));
}

TEST_F(AccountsTest, FindsAUserByNumberAndByNameInAnyCase) {
  const User ana = add_user("Ana");
  EXPECT_EQ(run_task(accounts_->get(ana.id))->username, "Ana");
  EXPECT_EQ(run_task(accounts_->get_by_username("ANA"))->id, ana.id);
  EXPECT_EQ(run_task(accounts_->get(UserId(99))).error().reason, reason::kUserNotFound);
  EXPECT_EQ(run_task(accounts_->get_by_username("nobody")).error().reason, reason::kUserNotFound);
  EXPECT_EQ(run_task(accounts_->get_by_username("\xFF")).error().reason, reason::kUserNotFound);
  EXPECT_EQ(run_task(accounts_->get_by_username("Ana@example.com")).error().reason, reason::kUserNotFound);
}

// Accounts that are older than the rules: "Ana" (1) and "ana" (2) have one folded name, and one of them has
// it as its key.
TEST_F(AccountsTest, FindsWhoIsCalledSoToTheLetterFirst) {
  const auto older = [&](std::string name, UsernameKeys keys) {
    const NewUser user{.username = name,
                       .username_keys = std::move(keys),
                       .email = name + "@example.com",
                       .email_key = exact_key(name + "@example.com"),
                       .full_name = std::nullopt,
                       .password_hash = run_task(hasher_.hash(std::string(testing::kPassword))).value(),
                       .created_at = clock_.now()};
    return run_task(store_->users().create(user)).value();
  };
  const User first = older("Bea", username_keys("Bea"));
  const User second = older("bea", {.folded = exact_key("bea"), .skeleton = exact_key("bea")});
  const User spaced = older("Bea López", username_keys("Bea López"));
  EXPECT_EQ(run_task(accounts_->get_by_username("Bea"))->id, first.id);
  EXPECT_EQ(run_task(accounts_->get_by_username("bea"))->id, second.id);
  EXPECT_EQ(run_task(accounts_->get_by_username("BEA"))->id, first.id);
  EXPECT_EQ(caller("Bea").user.id, first.id);
  EXPECT_EQ(caller("bea").user.id, second.id);
  EXPECT_EQ(caller("bea@example.com").user.id, second.id);
  EXPECT_EQ(caller("Bea López").user.id, spaced.id);

  // A form that is sent back as it was is no change, whatever the rules say of it.
  ProfileChange whole{.username = "bea", .email = "bea@example.com", .full_name = "Beatriz"};
  EXPECT_EQ(run_task(accounts_->change_profile(caller("bea"), whole))->full_name, "Beatriz");
  whole.username = "Bea López";
  whole.email.reset();
  EXPECT_TRUE(run_task(accounts_->change_profile(caller("Bea López"), whole)));
  EXPECT_EQ(run_task(accounts_->get_by_username("bea"))->id, second.id);
  EXPECT_TRUE(run_task(sessions_->prove(caller("bea"), std::string(testing::kPassword))));

  // Nobody else gets a name that is somebody's to the letter.
  ASSERT_TRUE(run_task(
      accounts_->change_profile(caller("Bea"), {.username = "Beatriz", .email = {}, .full_name = {}})));
  EXPECT_EQ(enrol(registration("bea", "other@example.com")).error().reason, reason::kUsernameTaken);
  EXPECT_EQ(run_task(accounts_->change_profile(caller("Beatriz"),
                                               {.username = "bea", .email = {}, .full_name = {}}))
                .error()
                .reason,
            reason::kUsernameTaken);
}

TEST_F(AccountsTest, ListsUsers) {
  const User ana = add_user("Ana");
  const User eva = add_user("Eva");
  const auto users = run_task(accounts_->list({}));
  ASSERT_TRUE(users);
  ASSERT_EQ(users->size(), 2U);
  EXPECT_EQ(users->front().id, ana.id);
  EXPECT_EQ(users->back().id, eva.id);
}

TEST_F(AccountsTest, ChangesWhatIsGivenAndNothingElse) {
  const User ana = add_user("Ana");
  const auto principal = caller("Ana");
  const auto same = run_task(accounts_->change_profile(principal, {}));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->username, "Ana");
  EXPECT_FALSE(same->updated_at) << "nothing was changed";

  ProfileChange change;
  change.full_name = std::optional<std::string>(" Ana Pérez ");
  auto changed = run_task(accounts_->change_profile(principal, change));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->full_name, "Ana Pérez");
  EXPECT_EQ(changed->username, "Ana");
  EXPECT_EQ(changed->email, ana.email);
  EXPECT_EQ(changed->updated_at, clock_.now());

  change = {};
  change.username = "ANITA";
  change.email = "anita@example.com";
  changed = run_task(accounts_->change_profile(principal, change));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->full_name, "Ana Pérez");
  EXPECT_TRUE(log_in("anita"));
  EXPECT_TRUE(log_in("anita@example.com"));
  EXPECT_FALSE(log_in("Ana"));

  change = {};
  change.full_name.emplace(std::nullopt);
  EXPECT_FALSE(run_task(accounts_->change_profile(principal, change))->full_name);
}

TEST_F(AccountsTest, ShowsTheCallerTheirChangeAtOnce) {
  add_user("Ana");
  const std::string token = log_in("Ana")->access_token;
  ProfileChange change;
  change.username = "Anita";
  ASSERT_TRUE(run_task(accounts_->change_profile(authenticate(token).value(), change)));
  EXPECT_EQ(authenticate(token)->user.username, "Anita") << "and the token is still theirs";
}

TEST_F(AccountsTest, ChangesNoProfileToWhatIsWrongOrTaken) {
  add_user("Ana");
  add_user("Eva");
  const auto principal = caller("Ana");
  const auto refused = run_task(accounts_->change_profile(
      principal, {.username = "x", .email = "nowhere", .full_name = std::string(101, 'x')}));
  EXPECT_EQ(refused.error().reason, reason::kValidation);
  EXPECT_THAT(broken_fields(refused.error()),
              ElementsAre("username:string_too_short", "email:value_error", "full_name:string_too_long"));
  ProfileChange change;
  change.username = "EVA";
  EXPECT_EQ(run_task(accounts_->change_profile(principal, change)).error().reason, reason::kUsernameTaken);
  change = {};
  change.email = "eva@example.com";
  EXPECT_EQ(run_task(accounts_->change_profile(principal, change)).error().reason, reason::kEmailTaken);
  change = {};
  change.username = "ANA";
  EXPECT_EQ(run_task(accounts_->change_profile(principal, change))->username, "ANA")
      << "their own name, anew";
}

TEST_F(AccountsTest, ChangesAPasswordAndEndsTheOtherLogins) {
  add_user("Ana");
  const auto other = log_in("Ana").value();
  const Principal ended = authenticate(other.access_token).value();
  const auto own = log_in("Ana").value();
  const Principal principal = authenticate(own.access_token).value();

  ASSERT_TRUE(
      run_task(accounts_->change_password(principal, std::string(testing::kPassword), "otra-contraseña")));
  EXPECT_TRUE(authenticate(own.access_token));
  EXPECT_TRUE(run_task(sessions_->refresh(own.refresh_token)));
  EXPECT_EQ(authenticate(other.access_token).error().reason, reason::kLoginEnded);
  EXPECT_EQ(run_task(sessions_->refresh(other.refresh_token)).error().reason, reason::kInvalidRefreshToken);
  EXPECT_THAT(live_.closed_sessions, ElementsAre(ended.session));
  EXPECT_EQ(log_in("Ana").error().reason, reason::kInvalidCredentials);
  EXPECT_TRUE(log_in("Ana", "otra-contraseña"));
}

TEST_F(AccountsTest, ChangesNoPasswordForOneWhoDoesNotKnowIt) {
  add_user("Ana");
  const auto other = log_in("Ana").value();
  const auto principal = caller("Ana");
  EXPECT_EQ(run_task(accounts_->change_password(principal, "guess", "otra-contraseña")).error().reason,
            reason::kWrongCurrentPassword);
  const auto refused =
      run_task(accounts_->change_password(principal, std::string(testing::kPassword), "short"));
  EXPECT_EQ(refused.error().reason, reason::kValidation);
  EXPECT_THAT(broken_fields(refused.error()), ElementsAre("new_password:string_too_short"));
  EXPECT_TRUE(authenticate(other.access_token));
  EXPECT_THAT(live_.closed_sessions, IsEmpty());
  EXPECT_TRUE(log_in("Ana"));
}

}  // namespace
}  // namespace izpo::services
