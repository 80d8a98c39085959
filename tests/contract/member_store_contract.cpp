#include <gmock/gmock.h>

#include "contract/store_contract.hpp"

namespace izpo::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class MemberStoreContract : public StoreContract {
 protected:
  static std::vector<std::string> names(const std::vector<User>& users) {
    std::vector<std::string> result;
    for (const User& user : users) result.push_back(user.username);
    return result;
  }
  std::vector<std::string> members_of(RoomId room) { return names(ok(members().list(room, {}))); }
  Standing standing(RoomId room, UserId user) { return ok(rooms().find(room, user))->standing; }
  MemberPreview preview(RoomId room, std::optional<UserId> viewer, std::int64_t at_most) {
    return ok(members().preview({room}, viewer, at_most)).at(0);
  }

  User ana_ = add_user("ana");
  User berta_ = add_user("berta");
  Room open_ = add_room(ana_.id);
  Room secret_ = add_room(ana_.id, true);
};

TEST_P(MemberStoreContract, JoiningAPublicRoomOnceAndAgain) {
  EXPECT_EQ(ok(members().join(open_.id, berta_.id, kNow)), JoinOutcome::kJoined);
  EXPECT_EQ(ok(members().join(open_.id, berta_.id, kNow)), JoinOutcome::kAlreadyMember);
  EXPECT_EQ(ok(members().join(open_.id, ana_.id, kNow)), JoinOutcome::kAlreadyMember);
  EXPECT_THAT(members_of(open_.id), ElementsAre("ana", "berta"));
}

TEST_P(MemberStoreContract, TheIdsAreThoseOfTheMembersInOrder) {
  const User carla = add_user("carla");
  ok(members().join(open_.id, carla.id, kNow));
  ok(members().join(open_.id, berta_.id, kNow));
  EXPECT_THAT(ok(members().ids(open_.id)), ElementsAre(ana_.id, berta_.id, carla.id));
  ok(members().remove(open_.id, berta_.id, kNow));
  EXPECT_THAT(ok(members().ids(open_.id)), ElementsAre(ana_.id, carla.id));
  EXPECT_THAT(ok(members().ids(RoomId(4711))), IsEmpty());
}

TEST_P(MemberStoreContract, APrivateRoomIsJoinedByNobody) {
  EXPECT_EQ(failure(members().join(secret_.id, berta_.id, kNow)), "room_not_found");
  EXPECT_EQ(failure(members().join(RoomId(4711), berta_.id, kNow)), "room_not_found");
  EXPECT_EQ(ok(members().join(secret_.id, ana_.id, kNow)), JoinOutcome::kAlreadyMember);
  EXPECT_THAT(members_of(secret_.id), ElementsAre("ana"));
}

TEST_P(MemberStoreContract, TheOwnerAddsToAnyRoom) {
  EXPECT_EQ(ok(members().add(secret_.id, berta_.id, kNow)), JoinOutcome::kJoined);
  EXPECT_EQ(ok(members().add(secret_.id, berta_.id, kNow)), JoinOutcome::kAlreadyMember);
  EXPECT_THAT(members_of(secret_.id), ElementsAre("ana", "berta"));
  EXPECT_EQ(failure(members().add(secret_.id, UserId(4711), kNow)), "user_not_found");
  EXPECT_EQ(failure(members().add(RoomId(4711), berta_.id, kNow)), "room_not_found");
}

TEST_P(MemberStoreContract, WhoWasRemovedStaysOutUntilAddedAgain) {
  ok(members().join(open_.id, berta_.id, kNow));
  ok(members().remove(open_.id, berta_.id, later(1)));
  EXPECT_EQ(standing(open_.id, berta_.id), Standing::kRemoved);
  EXPECT_THAT(members_of(open_.id), ElementsAre("ana"));
  EXPECT_EQ(failure(members().join(open_.id, berta_.id, later(2))), "removed_from_room");
  EXPECT_EQ(failure(members().leave(open_.id, berta_.id)), "not_a_member");
  EXPECT_EQ(failure(members().join(open_.id, berta_.id, later(2))), "removed_from_room");

  EXPECT_EQ(ok(members().add(open_.id, berta_.id, later(3))), JoinOutcome::kJoined);
  EXPECT_EQ(standing(open_.id, berta_.id), Standing::kMember);
  ok(members().leave(open_.id, berta_.id));
  EXPECT_EQ(ok(members().join(open_.id, berta_.id, later(4))), JoinOutcome::kJoined);
}

TEST_P(MemberStoreContract, AStrangerIsKeptOutToo) {
  ok(members().remove(open_.id, berta_.id, kNow));
  EXPECT_EQ(standing(open_.id, berta_.id), Standing::kRemoved);
  EXPECT_EQ(failure(members().join(open_.id, berta_.id, kNow)), "removed_from_room");
}

TEST_P(MemberStoreContract, ARemovedUserDoesNotSeeThatAPrivateRoomIsThere) {
  ok(members().add(secret_.id, berta_.id, kNow));
  ok(members().remove(secret_.id, berta_.id, kNow));
  EXPECT_EQ(failure(members().join(secret_.id, berta_.id, kNow)), "room_not_found");
}

TEST_P(MemberStoreContract, RemovingFailsForTheOwnerAndForWhatIsNotThere) {
  EXPECT_EQ(failure(members().remove(open_.id, ana_.id, kNow)), "owner_cannot_be_removed");
  EXPECT_EQ(failure(members().remove(RoomId(4711), berta_.id, kNow)), "room_not_found");
  EXPECT_EQ(failure(members().remove(open_.id, UserId(4711), kNow)), "user_not_found");
  EXPECT_THAT(members_of(open_.id), ElementsAre("ana"));
}

TEST_P(MemberStoreContract, LeavingFailsForTheOwnerForStrangersAndForWhatIsNotThere) {
  EXPECT_EQ(failure(members().leave(open_.id, ana_.id)), "owner_cannot_leave");
  EXPECT_EQ(failure(members().leave(open_.id, berta_.id)), "not_a_member");
  EXPECT_EQ(failure(members().leave(RoomId(4711), berta_.id)), "room_not_found");
  ok(members().join(open_.id, berta_.id, kNow));
  ok(members().leave(open_.id, berta_.id));
  EXPECT_EQ(standing(open_.id, berta_.id), Standing::kStranger);
}

TEST_P(MemberStoreContract, AJoinAndALeaveAtOnceEndInOneOfTheTwoStates) {
  for (int round = 0; round < 20; ++round) {
    ok(members().join(open_.id, berta_.id, kNow));
    const auto [joined, left] = at_once([&] { return members().join(open_.id, berta_.id, kNow); },
                                        [&] { return members().leave(open_.id, berta_.id); });
    ASSERT_TRUE(joined);
    ASSERT_TRUE(left);
    const bool rejoined = *joined == JoinOutcome::kJoined;
    EXPECT_EQ(standing(open_.id, berta_.id), rejoined ? Standing::kMember : Standing::kStranger);
  }
}

TEST_P(MemberStoreContract, OfTwoJoinsAtOnceOneIsTheFirst) {
  for (int round = 0; round < 20; ++round) {
    const RoomId room = add_room(ana_.id).id;
    const auto join = [&] { return members().join(room, berta_.id, kNow); };
    const auto [one, other] = at_once(join, join);
    EXPECT_NE(one.value(), other.value());
    EXPECT_THAT(members_of(room), ElementsAre("ana", "berta"));
  }
}

TEST_P(MemberStoreContract, ARemovalAndAJoinAtOnceKeepTheUserOut) {
  for (int round = 0; round < 20; ++round) {
    const RoomId room = add_room(ana_.id).id;
    const auto [removed, joined] = at_once([&] { return members().remove(room, berta_.id, kNow); },
                                           [&] { return members().join(room, berta_.id, kNow); });
    EXPECT_TRUE(removed);
    EXPECT_EQ(standing(room, berta_.id), Standing::kRemoved);
  }
}

TEST_P(MemberStoreContract, AListIsCutByEveryCursor) {
  std::vector<std::int64_t> ids = {ana_.id.value};
  for (const char* name : {"b", "c", "d", "e"}) {
    const UserId id = add_user(name).id;
    ok(members().join(open_.id, id, kNow));
    ids.push_back(id.value);
  }
  ok(members().remove(open_.id, UserId(ids[2]), kNow));  // c
  EXPECT_THAT(names(ok(members().list(open_.id, {.limit = 2}))), ElementsAre("ana", "b"));
  EXPECT_THAT(names(ok(members().list(open_.id, {.limit = 2, .skip = 1}))), ElementsAre("b", "d"));
  EXPECT_THAT(names(ok(members().list(open_.id, {.limit = 2, .after = ids[1]}))), ElementsAre("d", "e"));
  EXPECT_THAT(names(ok(members().list(open_.id, {.limit = 2, .before = ids[4]}))), ElementsAre("d", "b"));
  EXPECT_THAT(ok(members().list(RoomId(4711), {})), IsEmpty());
}

TEST_P(MemberStoreContract, PreviewsComeInTheOrderAskedAndAnEmptyOneForARoomThatIsGone) {
  ok(members().join(open_.id, berta_.id, kNow));
  const auto previews = ok(members().preview({secret_.id, RoomId(4711), open_.id}, berta_.id, 100));
  ASSERT_EQ(previews.size(), 3U);
  EXPECT_THAT(names(previews[0].members), ElementsAre("ana"));
  EXPECT_EQ(previews[0].count, 1);
  EXPECT_FALSE(previews[0].viewer_is_member);
  EXPECT_THAT(previews[1].members, IsEmpty());
  EXPECT_EQ(previews[1].count, 0);
  EXPECT_THAT(names(previews[2].members), ElementsAre("ana", "berta"));
  EXPECT_EQ(previews[2].count, 2);
  EXPECT_TRUE(previews[2].viewer_is_member);
  EXPECT_THAT(ok(members().preview({}, ana_.id, 100)), IsEmpty());
}

TEST_P(MemberStoreContract, ACutPreviewStillShowsTheOwnerAndTheViewer) {
  std::vector<User> others;
  for (int i = 0; i < 10; ++i) {
    others.push_back(add_user("user" + std::to_string(i)));
    ok(members().join(open_.id, others.back().id, kNow));
  }
  const UserId viewer = others[7].id;
  ok(rooms().set_owner(open_.id, ana_.id, others[9].id, kNow));

  const auto cut = preview(open_.id, viewer, 4);
  EXPECT_THAT(names(cut.members), ElementsAre("ana", "user0", "user7", "user9"));
  EXPECT_EQ(cut.count, 11);
  EXPECT_TRUE(cut.viewer_is_member);
  EXPECT_THAT(names(preview(open_.id, std::nullopt, 4).members),
              ElementsAre("ana", "user0", "user1", "user9"));
  EXPECT_THAT(names(preview(open_.id, berta_.id, 4).members), ElementsAre("ana", "user0", "user1", "user9"));
  EXPECT_FALSE(preview(open_.id, berta_.id, 4).viewer_is_member);
  EXPECT_EQ(preview(open_.id, viewer, 11).members.size(), 11U);
}

TEST_P(MemberStoreContract, WhoWasRemovedIsInNoPreview) {
  ok(members().join(open_.id, berta_.id, kNow));
  ok(members().remove(open_.id, berta_.id, kNow));
  const auto seen = preview(open_.id, berta_.id, 1);
  EXPECT_THAT(names(seen.members), Not(Contains("berta")));
  EXPECT_EQ(seen.count, 1);
  EXPECT_FALSE(seen.viewer_is_member);
}

INSTANTIATE_TEST_SUITE_P(Every, MemberStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
