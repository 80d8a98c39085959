#include <gmock/gmock.h>

#include <map>

#include "contract/store_contract.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RoomStoreContract : public StoreContract {
 protected:
  static std::vector<std::string> names(const std::vector<Room>& rooms) {
    std::vector<std::string> result;
    for (const Room& room : rooms) result.push_back(room.name);
    return result;
  }
  Standing standing(RoomId room, UserId user) { return ok(rooms().find(room, user))->standing; }

  User ana_ = add_user("ana");
  User berta_ = add_user("berta");
};

TEST_P(RoomStoreContract, ANewRoomIsGivenBackWholeAndItsOwnerIsAMember) {
  const Room created = ok(rooms().create({.name = "Café ☕",
                                          .description = "de todo",
                                          .is_private = true,
                                          .owner = ana_.id,
                                          .created_at = kNow}));
  const auto found = ok(rooms().find(created.id, ana_.id));
  ASSERT_TRUE(found);
  for (const Room& room : {created, found->room}) {
    EXPECT_EQ(room.id, created.id);
    EXPECT_EQ(room.name, "Café ☕");
    EXPECT_EQ(room.description, "de todo");
    EXPECT_TRUE(room.is_private);
    EXPECT_EQ(room.owner, ana_.id);
    EXPECT_EQ(room.last_seq.value, 0);
    EXPECT_EQ(room.created_at, kNow);
    EXPECT_EQ(room.updated_at, std::nullopt);
  }
  EXPECT_EQ(found->standing, Standing::kMember);
  EXPECT_EQ(standing(created.id, berta_.id), Standing::kStranger);
  EXPECT_EQ(ok(rooms().find(created.id, std::nullopt))->standing, Standing::kStranger);
}

TEST_P(RoomStoreContract, ARoomOfNobodyIsNotMade) {
  EXPECT_EQ(failure(rooms().create({.name = "sala",
                                    .description = std::nullopt,
                                    .is_private = false,
                                    .owner = UserId(4711),
                                    .created_at = kNow})),
            "user_not_found");
  EXPECT_THAT(ok(rooms().list_public({})), IsEmpty());
}

TEST_P(RoomStoreContract, ManyRoomsAreFoundAtOnceWithHowTheViewerStandsToEach) {
  const Room own = add_room(berta_.id, true, "propia");
  const Room stranger = add_room(ana_.id, true, "ajena");
  const Room removed = add_room(ana_.id, false, "echada");
  const Room gone = add_room(ana_.id, false, "borrada");
  ok(members().remove(removed.id, berta_.id, kNow));
  ok(rooms().remove(gone.id, ana_.id));
  append_one(pending(own.id, berta_.id, "hola"));

  std::map<RoomId, RoomStanding> found;
  for (auto& each :
       ok(rooms().find_all({gone.id, stranger.id, own.id, RoomId(4711), removed.id}, berta_.id))) {
    found.emplace(each.room.id, each);
  }
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found.at(own.id).standing, Standing::kMember);
  EXPECT_EQ(found.at(own.id).room.name, "propia");
  EXPECT_EQ(found.at(own.id).room.last_seq, Seq(1));
  EXPECT_EQ(found.at(stranger.id).standing, Standing::kStranger);
  EXPECT_EQ(found.at(removed.id).standing, Standing::kRemoved);
  EXPECT_THAT(ok(rooms().find_all({}, berta_.id)), IsEmpty());
}

TEST_P(RoomStoreContract, NoSuchRoomIsNoErrorToFindAndOneToChange) {
  const RoomId none(4711);
  EXPECT_FALSE(ok(rooms().find(none, ana_.id)).has_value());
  EXPECT_EQ(failure(rooms().update(none, {}, kNow)), "room_not_found");
  EXPECT_EQ(failure(rooms().set_owner(none, ana_.id, berta_.id, kNow)), "room_not_found");
  EXPECT_EQ(failure(rooms().remove(none, ana_.id)), "room_not_found");
}

TEST_P(RoomStoreContract, PublicRoomsAreListedAndCutByEveryCursor) {
  std::vector<std::int64_t> ids;
  for (const char* name : {"a", "b", "c", "d"}) {
    ids.push_back(add_room(ana_.id, false, name).id.value);
    add_room(ana_.id, true, std::string("secret ") + name);
  }
  EXPECT_THAT(names(ok(rooms().list_public({}))), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(names(ok(rooms().list_public({.limit = 2, .skip = 1}))), ElementsAre("b", "c"));
  EXPECT_THAT(names(ok(rooms().list_public({.limit = 2, .after = ids[0]}))), ElementsAre("b", "c"));
  EXPECT_THAT(names(ok(rooms().list_public({.limit = 2, .before = ids[3]}))), ElementsAre("c", "b"));
}

TEST_P(RoomStoreContract, TheRoomsOfAUserAreThoseTheyBelongTo) {
  std::vector<RoomId> ids;
  for (const char* name : {"a", "b", "c", "d"}) ids.push_back(add_room(ana_.id, name[0] > 'b', name).id);
  add_room(berta_.id, false, "of berta");
  ok(members().join(ids[0], berta_.id, kNow));
  ok(members().add(ids[2], berta_.id, kNow));
  ok(members().add(ids[3], berta_.id, kNow));
  ok(members().remove(ids[3], berta_.id, kNow));
  EXPECT_THAT(names(ok(rooms().list_of(ana_.id, {}))), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(names(ok(rooms().list_of(berta_.id, {}))), ElementsAre("a", "c", "of berta"));
  EXPECT_THAT(names(ok(rooms().list_of(berta_.id, {.limit = 1, .skip = 1}))), ElementsAre("c"));
  EXPECT_THAT(names(ok(rooms().list_of(ana_.id, {.limit = 2, .after = ids[1].value}))),
              ElementsAre("c", "d"));
  EXPECT_THAT(names(ok(rooms().list_of(ana_.id, {.limit = 2, .before = ids[3].value}))),
              ElementsAre("c", "b"));
  EXPECT_THAT(ok(rooms().list_of(UserId(4711), {})), IsEmpty());
}

TEST_P(RoomStoreContract, AChangeSetsWhatItNamesAndNothingElse) {
  const RoomId id = add_room(ana_.id).id;
  RoomChange name;
  name.name = "otra";
  const Room renamed = ok(rooms().update(id, name, later(1)));
  EXPECT_EQ(renamed.name, "otra");
  EXPECT_EQ(renamed.description, std::nullopt);
  EXPECT_FALSE(renamed.is_private);
  EXPECT_EQ(renamed.updated_at, later(1));

  RoomChange others;
  others.description = "nueva";
  others.is_private = true;
  const Room closed = ok(rooms().update(id, others, later(2)));
  EXPECT_EQ(closed.name, "otra");
  EXPECT_EQ(closed.description, "nueva");
  EXPECT_TRUE(closed.is_private);
  EXPECT_THAT(ok(rooms().list_public({})), IsEmpty());

  RoomChange clear;
  clear.description = std::optional<std::string>();
  const Room cleared = ok(rooms().update(id, clear, later(3)));
  EXPECT_EQ(cleared.description, std::nullopt);
  EXPECT_TRUE(cleared.is_private);
}

TEST_P(RoomStoreContract, ARoomIsHandedToAMemberByItsOwnerOnly) {
  const RoomId id = add_room(ana_.id).id;
  EXPECT_EQ(failure(rooms().set_owner(id, ana_.id, berta_.id, kNow)), "member_not_found");
  ok(members().join(id, berta_.id, kNow));
  EXPECT_EQ(failure(rooms().set_owner(id, berta_.id, berta_.id, kNow)), "not_room_owner");
  const Room handed = ok(rooms().set_owner(id, ana_.id, berta_.id, later(4)));
  EXPECT_EQ(handed.owner, berta_.id);
  EXPECT_EQ(handed.updated_at, later(4));
  EXPECT_EQ(failure(rooms().set_owner(id, ana_.id, ana_.id, kNow)), "not_room_owner");
  EXPECT_EQ(standing(id, ana_.id), Standing::kMember);
}

TEST_P(RoomStoreContract, ARemovedMemberIsNotHandedARoom) {
  const RoomId id = add_room(ana_.id).id;
  ok(members().remove(id, berta_.id, kNow));
  EXPECT_EQ(failure(rooms().set_owner(id, ana_.id, berta_.id, kNow)), "member_not_found");
}

TEST_P(RoomStoreContract, ARemovedRoomTakesItsMessagesAndMembershipsAlong) {
  const RoomId id = add_room(ana_.id).id;
  const RoomId stays = add_room(ana_.id, false, "stays").id;
  ok(members().join(id, berta_.id, kNow));
  append({pending(id, ana_.id, "a"), pending(id, berta_.id, "b"), pending(stays, ana_.id, "c")});
  EXPECT_EQ(failure(rooms().remove(id, berta_.id)), "not_room_owner");
  ok(rooms().remove(id, ana_.id));
  EXPECT_FALSE(ok(rooms().find(id, ana_.id)).has_value());
  EXPECT_THAT(ok(messages().history(id, {})), IsEmpty());
  EXPECT_THAT(ok(members().list(id, {})), IsEmpty());
  EXPECT_THAT(names(ok(rooms().list_of(berta_.id, {}))), IsEmpty());
  EXPECT_EQ(ok(messages().history(stays, {})).size(), 1U);
  EXPECT_GT(add_room(ana_.id).id, stays);
}

TEST_P(RoomStoreContract, ALongHistoryGoesWithItsRoom) {
  const RoomId id = add_room(ana_.id).id;
  const RoomId stays = add_room(ana_.id).id;
  append(std::vector(2500, pending(id, ana_.id, "a")));
  append_one(pending(stays, ana_.id, "b"));
  ok(rooms().remove(id, ana_.id));
  EXPECT_EQ(failure(rooms().remove(id, ana_.id)), "room_not_found");
  EXPECT_EQ(failure(rooms().update(id, {}, kNow)), "room_not_found");
  EXPECT_EQ(failure(members().join(id, berta_.id, kNow)), "room_not_found");
  EXPECT_EQ(failure(members().add(id, berta_.id, kNow)), "room_not_found");
  EXPECT_EQ(failure(messages().last_seq(id)), "room_not_found");
  EXPECT_THAT(ok(messages().history(id, {})), IsEmpty());
  EXPECT_EQ(ok(messages().history(stays, {})).size(), 1U);
}

TEST_P(RoomStoreContract, OfTwoWhoHandARoomOverAtOnceOneWins) {
  const User carla = add_user("carla");
  for (int round = 0; round < 20; ++round) {
    const RoomId id = add_room(ana_.id).id;
    ok(members().add(id, berta_.id, kNow));
    ok(members().add(id, carla.id, kNow));
    const auto [one, other] = at_once([&] { return rooms().set_owner(id, ana_.id, berta_.id, kNow); },
                                      [&] { return rooms().set_owner(id, ana_.id, carla.id, kNow); });
    EXPECT_NE(one.has_value(), other.has_value());
    EXPECT_EQ(name_of(one ? other : one), "not_room_owner");
  }
}

TEST_P(RoomStoreContract, TheNewOwnerNeverLeavesWhileTheyAreMadeOwner) {
  for (int round = 0; round < 20; ++round) {
    const RoomId id = add_room(ana_.id).id;
    ok(members().add(id, berta_.id, kNow));
    const auto [handed, left] = at_once([&] { return rooms().set_owner(id, ana_.id, berta_.id, kNow); },
                                        [&] { return members().leave(id, berta_.id); });
    EXPECT_NE(handed.has_value(), left.has_value());
    const Room room = ok(rooms().find(id, std::nullopt))->room;
    EXPECT_EQ(standing(id, room.owner), Standing::kMember);
  }
}

TEST_P(RoomStoreContract, RoomsAreThereAfterReopening) {
  const RoomId id = add_room(ana_.id).id;
  append_one(pending(id, ana_.id, "hola"));
  backend().reopen();
  const auto found = ok(rooms().find(id, ana_.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->standing, Standing::kMember);
  EXPECT_EQ(found->room.last_seq.value, 1);
}

INSTANTIATE_TEST_SUITE_P(Every, RoomStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
