#include "adapters/sql/room_news.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/sqlite/store.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Two processes' stores on one database, where PostgreSQL is not needed to tell what they write to each
// other.
class RoomNewsTest : public ::testing::Test {
 protected:
  static std::unique_ptr<sqlite::Store> migrated(const TemporaryDirectory& directory) {
    auto store = sqlite::Store::open({.file = directory.path() / "chat.db"}).value();
    EXPECT_TRUE(store->migrate(kNow));
    return store;
  }

  template <class T>
  static T ok(Task<Result<T>> task) {
    return run_task(std::move(task)).value();
  }
  UserId add_user(const std::string& name) {
    return ok(store_->users().create({.username = name,
                                      .username_keys = {.folded = name, .skeleton = name},
                                      .email = name,
                                      .email_key = name,
                                      .full_name = std::nullopt,
                                      .password_hash = "",
                                      .created_at = kNow}))
        .id;
  }
  // What the other process hears, as "room" or "room:user", beginning after `number`.
  std::vector<std::string> heard(std::int64_t number = 0) {
    std::vector<std::string> result;
    for (const RoomNews& news : ok(others_.after(number))) {
      EXPECT_EQ(news.room, room_);
      result.push_back(news.user ? "user " + std::to_string(news.user->value) : "room");
    }
    return result;
  }

  static constexpr Timestamp kNow = from_micros(1'790'000'000'123'456);

  TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Store> store_ = migrated(directory_);
  sql::Database& database_ = store_->database();
  sql::RoomStore rooms_{database_, {1}};
  sql::MemberStore members_{database_, {1}};
  sql::RoomNewsStore own_{database_, {1}};
  sql::RoomNewsStore others_{database_, {2}};
  UserId ana_ = add_user("ana");
  UserId bea_ = add_user("bea");
  RoomId room_;
};

TEST_F(RoomNewsTest, EveryChangeIsToldToTheOthersAndNotToOneself) {
  room_ = ok(rooms_.create(
                 {.name = "sala", .description = {}, .is_private = false, .owner = ana_, .created_at = kNow}))
              .id;
  EXPECT_THAT(heard(), ElementsAre("user 1"));
  ok(members_.join(room_, bea_, kNow));
  ok(members_.join(room_, bea_, kNow));  // changes nothing
  ok(members_.remove(room_, bea_, kNow));
  ok(members_.add(room_, bea_, kNow));
  ok(members_.add(room_, bea_, kNow));
  ok(rooms_.update(room_, {.name = "cocina", .description = {}, .is_private = {}}, kNow));
  ok(rooms_.set_owner(room_, ana_, bea_, kNow));
  ok(members_.leave(room_, ana_));
  ok(rooms_.remove(room_, bea_));
  EXPECT_THAT(heard(), ElementsAre("user 1", "user 2", "user 2", "user 2", "room", "room", "user 1", "room"));
  EXPECT_THAT(ok(own_.after(0)), IsEmpty());
  EXPECT_EQ(ok(own_.last()), 8);
  EXPECT_THAT(heard(6), ElementsAre("user 1", "room"));
  ok(others_.purge(6));
  EXPECT_THAT(heard(), ElementsAre("user 1", "room"));
}

TEST_F(RoomNewsTest, WhatFailsIsNotTold) {
  room_ = ok(rooms_.create(
                 {.name = "sala", .description = {}, .is_private = true, .owner = ana_, .created_at = kNow}))
              .id;
  EXPECT_FALSE(run_task(members_.join(room_, bea_, kNow)));
  EXPECT_FALSE(run_task(members_.leave(room_, ana_)));
  EXPECT_FALSE(run_task(rooms_.set_owner(room_, ana_, bea_, kNow)));
  EXPECT_FALSE(run_task(rooms_.remove(room_, bea_)));
  EXPECT_THAT(heard(), ElementsAre("user 1"));
}

TEST_F(RoomNewsTest, AProcessThatIsAloneWritesNothing) {
  const Room room = ok(store_->rooms().create(
      {.name = "sala", .description = {}, .is_private = false, .owner = ana_, .created_at = kNow}));
  ok(store_->members().join(room.id, bea_, kNow));
  EXPECT_EQ(ok(others_.last()), 0);
  EXPECT_EQ(store_->room_news(), nullptr);
}

}  // namespace
}  // namespace izpo::testing
