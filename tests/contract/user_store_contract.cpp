#include <gmock/gmock.h>

#include "contract/store_contract.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UserStoreContract : public StoreContract {
 protected:
  static std::vector<std::string> names(const std::vector<User>& users) {
    std::vector<std::string> result;
    for (const User& user : users) result.push_back(user.username);
    return result;
  }

  SessionId log_in(UserId user, unsigned char token) {
    return ok(sessions().open(user, current_hash(user), TokenHash{token}, kNow, later(1000)));
  }
  std::string current_hash(UserId user) { return hash_of(ok(users().find(user))->username); }
  bool is_live(SessionId session) { return ok(sessions().find(session)).has_value(); }

  std::string hash_of(const std::string& name) {
    return ok(users().find_credentials("folded-" + name))->password_hash;
  }
};

TEST_P(UserStoreContract, ANewUserIsGivenBackWholeAndFoundEveryWay) {
  NewUser ana = new_user("Ána 世界");
  ana.full_name = "Ana María Ejemplo";
  const User created = ok(users().create(ana));
  EXPECT_GT(created.id.value, 0);
  EXPECT_EQ(created.username, "Ána 世界");
  EXPECT_EQ(created.email, "Ána 世界@example.test");
  EXPECT_EQ(created.full_name, "Ana María Ejemplo");
  EXPECT_TRUE(created.is_active);
  EXPECT_EQ(created.created_at, kNow);
  EXPECT_EQ(created.updated_at, std::nullopt);

  for (const auto& found : {ok(users().find(created.id)), ok(users().find_by_username("folded-Ána 世界"))}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, created.id);
    EXPECT_EQ(found->full_name, "Ana María Ejemplo");
    EXPECT_EQ(found->created_at, kNow);
  }
}

TEST_P(UserStoreContract, NobodyIsNoError) {
  EXPECT_EQ(ok(users().find(UserId(4711))), std::nullopt);
  EXPECT_EQ(ok(users().find_by_username("nobody")), std::nullopt);
  EXPECT_FALSE(ok(users().find_credentials("nobody")).has_value());
  EXPECT_FALSE(ok(users().find_credentials("nobody@example.test")).has_value());
}

TEST_P(UserStoreContract, CredentialsAreFoundByNameAndByAddress) {
  const User ana = add_user("ana");
  for (const std::string login : {"folded-ana", "ana@example.test"}) {
    const auto credentials = ok(users().find_credentials(login));
    ASSERT_TRUE(credentials) << login;
    EXPECT_EQ(credentials->user.id, ana.id);
    EXPECT_EQ(credentials->password_hash, "hash-of-ana");
  }
}

// Accounts from before the rules: names and addresses that differ in case only, and a name that is an
// address.
TEST_P(UserStoreContract, AnExactKeyIsThatOfANameOrOfAnAddress) {
  NewUser shout = new_user("Ana");
  shout.username_keys = {.folded = "@ANA", .skeleton = "@ANA"};
  shout.email_key = "@ANA@example.test";
  const UserId ana = ok(users().create(shout)).id;
  NewUser address = new_user("ben");
  address.username_keys = {.folded = "@eva@example.test", .skeleton = "@eva@example.test"};
  const UserId ben = ok(users().create(address)).id;
  NewUser eva = new_user("eva");
  eva.email_key = "@eva@example.test";
  ok(users().create(eva));

  EXPECT_EQ(ok(users().find_by_username("@ANA"))->id, ana);
  EXPECT_EQ(ok(users().find_credentials("@ANA"))->user.id, ana);
  EXPECT_EQ(ok(users().find_credentials("@ANA@example.test"))->user.id, ana);
  EXPECT_EQ(ok(users().find_credentials("@eva@example.test"))->user.id, ben) << "names before addresses";
  EXPECT_FALSE(ok(users().find_credentials("@ana")));
}

TEST_P(UserStoreContract, CredentialsAreFoundByNumber) {
  const User ana = add_user("ana");
  EXPECT_EQ(ok(users().find_credentials(ana.id))->password_hash, "hash-of-ana");
  EXPECT_FALSE(ok(users().find_credentials(UserId(4711))));
}

TEST_P(UserStoreContract, EveryKeyIsTakenOnceAndTheAddressIsLookedAtFirst) {
  add_user("ana");
  NewUser same_email = new_user("berta");
  same_email.email_key = "ana@example.test";
  NewUser same_name = new_user("berta");
  same_name.username_keys.folded = "folded-ana";
  NewUser same_look = new_user("berta");
  same_look.username_keys.skeleton = "skeleton-ana";
  EXPECT_EQ(failure(users().create(same_email)), "email_taken");
  EXPECT_EQ(failure(users().create(same_name)), "username_taken");
  EXPECT_EQ(failure(users().create(same_look)), "username_taken");
  EXPECT_EQ(failure(users().create(new_user("ana"))), "email_taken");
  EXPECT_THAT(names(ok(users().list({}))), ElementsAre("ana"));
}

TEST_P(UserStoreContract, OfTwoRegistrationsOfOneNameAtOnceOneWins) {
  for (int round = 0; round < 20; ++round) {
    NewUser one = new_user("racer" + std::to_string(round));
    NewUser other = one;
    other.email_key = other.email = "other" + std::to_string(round) + "@example.test";
    const auto [first, second] =
        at_once([&] { return users().create(one); }, [&] { return users().create(other); });
    EXPECT_NE(first.has_value(), second.has_value());
    EXPECT_EQ(name_of(first.has_value() ? second : first), "username_taken");
  }
  EXPECT_EQ(ok(users().list({})).size(), 20U);
}

TEST_P(UserStoreContract, AListIsCutByEveryCursor) {
  std::vector<std::int64_t> ids;
  for (const char* name : {"a", "b", "c", "d", "e"}) ids.push_back(add_user(name).id.value);
  EXPECT_THAT(names(ok(users().list({}))), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(names(ok(users().list({.limit = 2, .skip = 1}))), ElementsAre("b", "c"));
  EXPECT_THAT(names(ok(users().list({.limit = 2, .after = ids[1]}))), ElementsAre("c", "d"));
  EXPECT_THAT(names(ok(users().list({.limit = 2, .before = ids[3]}))), ElementsAre("c", "b"));
  EXPECT_THAT(names(ok(users().list({.before = ids[3], .after = ids[0]}))), ElementsAre("b", "c"));
  EXPECT_THAT(names(ok(users().list({.limit = 2, .skip = 5}))), IsEmpty());
  EXPECT_THAT(names(ok(users().list({.after = ids[4]}))), IsEmpty());
}

TEST_P(UserStoreContract, AChangeSetsWhatItNamesAndNothingElse) {
  NewUser ana = new_user("ana");
  ana.full_name = "Ana";
  const UserId id = ok(users().create(ana)).id;

  UserChange name;
  name.username = "anita";
  name.username_keys = UsernameKeys{.folded = "folded-anita", .skeleton = "skeleton-anita"};
  const User renamed = ok(users().update(id, name, later(5)));
  EXPECT_EQ(renamed.username, "anita");
  EXPECT_EQ(renamed.email, "ana@example.test");
  EXPECT_EQ(renamed.full_name, "Ana");
  EXPECT_EQ(renamed.created_at, kNow);
  EXPECT_EQ(renamed.updated_at, later(5));
  EXPECT_TRUE(ok(users().find_by_username("folded-anita")));
  EXPECT_FALSE(ok(users().find_by_username("folded-ana")));

  UserChange email;
  email.email = "Anita@example.test";
  email.email_key = "anita@example.test";
  EXPECT_EQ(ok(users().update(id, email, later(6))).email, "Anita@example.test");
  EXPECT_TRUE(ok(users().find_credentials("anita@example.test")));

  UserChange clear;
  clear.full_name = std::optional<std::string>();
  EXPECT_EQ(ok(users().update(id, clear, later(7))).full_name, std::nullopt);
  EXPECT_EQ(ok(users().update(id, {}, later(8))).username, "anita");
}

TEST_P(UserStoreContract, AChangeToWhatSomebodyElseHasChangesNothing) {
  const UserId ana = add_user("ana").id;
  add_user("berta");
  UserChange change;
  change.username = "berta";
  change.username_keys = UsernameKeys{.folded = "folded-berta", .skeleton = "skeleton-berta"};
  change.full_name = "Berta";
  EXPECT_EQ(failure(users().update(ana, change, later(1))), "username_taken");
  change.email = "berta@example.test";
  change.email_key = "berta@example.test";
  EXPECT_EQ(failure(users().update(ana, change, later(1))), "email_taken");
  const User after = *ok(users().find(ana));
  EXPECT_EQ(after.username, "ana");
  EXPECT_EQ(after.full_name, std::nullopt);
  EXPECT_EQ(after.updated_at, std::nullopt);
}

TEST_P(UserStoreContract, OnesOwnKeysAreNotTaken) {
  const UserId ana = add_user("ana").id;
  UserChange change;
  change.username = "Ana";
  change.username_keys = UsernameKeys{.folded = "folded-ana", .skeleton = "skeleton-ana"};
  change.email = "ANA@example.test";
  change.email_key = "ana@example.test";
  EXPECT_EQ(ok(users().update(ana, change, later(1))).username, "Ana");
}

TEST_P(UserStoreContract, NobodyCannotBeChanged) {
  const UserId nobody(4711);
  EXPECT_EQ(failure(users().update(nobody, {}, kNow)), "user_not_found");
  EXPECT_EQ(failure(users().set_password(nobody, "x", std::nullopt, std::nullopt, kNow)), "user_not_found");
  EXPECT_EQ(failure(users().set_active(nobody, true, kNow)), "user_not_found");
  EXPECT_EQ(failure(users().rehash_password(nobody, "x", "y")), "ok");
}

TEST_P(UserStoreContract, ANewPasswordEndsEveryLoginButTheOneKept) {
  const UserId ana = add_user("ana").id;
  const UserId berta = add_user("berta").id;
  const SessionId kept = log_in(ana, 1);
  const SessionId ended = log_in(ana, 2);
  const SessionId others = log_in(berta, 3);
  ok(users().set_password(ana, "new-hash", "hash-of-ana", kept, later(5)));
  EXPECT_EQ(hash_of("ana"), "new-hash");
  EXPECT_TRUE(is_live(kept));
  EXPECT_FALSE(is_live(ended));
  EXPECT_TRUE(is_live(others));

  ok(users().set_password(ana, "newer-hash", std::nullopt, std::nullopt, later(6)));
  EXPECT_FALSE(is_live(kept));
}

TEST_P(UserStoreContract, APasswordThatChangedMeanwhileIsNotReplaced) {
  const UserId ana = add_user("ana").id;
  const SessionId session = log_in(ana, 1);
  EXPECT_EQ(failure(users().set_password(ana, "mine", "an older hash", std::nullopt, later(5))),
            "wrong_current_password");
  EXPECT_EQ(hash_of("ana"), "hash-of-ana");
  EXPECT_TRUE(is_live(session));
}

TEST_P(UserStoreContract, ABetterHashOfTheSamePasswordEndsNoLogin) {
  const UserId ana = add_user("ana").id;
  const SessionId session = log_in(ana, 1);
  ok(users().rehash_password(ana, "better", "another hash"));
  EXPECT_EQ(hash_of("ana"), "hash-of-ana");
  ok(users().rehash_password(ana, "better", "hash-of-ana"));
  EXPECT_EQ(hash_of("ana"), "better");
  EXPECT_TRUE(is_live(session));
}

TEST_P(UserStoreContract, DeactivatingEndsEveryLoginAndActivatingBringsNoneBack) {
  const UserId ana = add_user("ana").id;
  const SessionId session = log_in(ana, 1);
  const User off = ok(users().set_active(ana, false, later(5)));
  EXPECT_FALSE(off.is_active);
  EXPECT_EQ(off.updated_at, later(5));
  EXPECT_FALSE(is_live(session));
  EXPECT_TRUE(ok(users().set_active(ana, true, later(6))).is_active);
  EXPECT_FALSE(is_live(session));
  EXPECT_TRUE(is_live(log_in(ana, 2)));
}

TEST_P(UserStoreContract, EverythingIsThereAfterReopening) {
  const User ana = add_user("ana");
  backend().reopen();
  EXPECT_EQ(ok(users().find(ana.id))->username, "ana");
  EXPECT_GT(add_user("berta").id, ana.id);
}

INSTANTIATE_TEST_SUITE_P(Every, UserStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
