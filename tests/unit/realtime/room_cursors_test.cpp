#include "realtime/room_cursors.hpp"

#include <gtest/gtest.h>

namespace izpo::realtime {
namespace {

constexpr RoomId kRoom(1);
constexpr RoomId kOther(2);

class RoomCursorsTest : public ::testing::Test {
 protected:
  RoomCursorsTest() {
    cursors_.on_gap([this] { ++gaps_told_; });
  }

  // A listener that has read the store up to `sent`.
  void listen(RoomId room, std::int64_t sent) {
    const auto moment = cursors_.moment();
    cursors_.joined(room);
    cursors_.live(room, Seq(sent), moment);
  }
  bool pass(std::int64_t follows, std::int64_t last) { return cursors_.pass(kRoom, Seq(follows), Seq(last)); }

  // The number after which the next gap is to be read; -1: there is none.
  std::int64_t next_gap() {
    const auto gap = cursors_.next_gap();
    if (gap) gap_ = gap;
    return gap ? gap->after.value : -1;
  }
  bool filled(std::int64_t up_to) { return cursors_.filled(gap_.value(), Seq(up_to)); }

  RoomCursors cursors_;
  std::optional<RoomCursors::Gap> gap_;  // the last one
  int gaps_told_ = 0;
};

TEST_F(RoomCursorsTest, WhatFollowsPasses) {
  listen(kRoom, 5);
  EXPECT_TRUE(pass(5, 6));
  EXPECT_TRUE(pass(6, 9));
  EXPECT_EQ(next_gap(), -1);
  EXPECT_EQ(gaps_told_, 0);
}

TEST_F(RoomCursorsTest, ABatchThatJumpsWaitsUntilTheGapWasRead) {
  listen(kRoom, 5);
  EXPECT_FALSE(pass(6, 7));
  EXPECT_EQ(gaps_told_, 1);
  EXPECT_EQ(next_gap(), 5);
  EXPECT_FALSE(pass(7, 8));
  EXPECT_EQ(next_gap(), -1) << "one reader a room";
  EXPECT_TRUE(filled(8));
  EXPECT_TRUE(pass(8, 9));
  EXPECT_EQ(next_gap(), -1);
}

TEST_F(RoomCursorsTest, WhatTheStoreHasBeyondIsAGap) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(5));
  cursors_.exists(kRoom, Seq(4));
  EXPECT_EQ(next_gap(), -1);
  cursors_.exists(kRoom, Seq(7));
  EXPECT_EQ(next_gap(), 5);
  EXPECT_TRUE(filled(6));
  EXPECT_EQ(next_gap(), 6) << "there is more";
  EXPECT_TRUE(filled(7));
  EXPECT_EQ(next_gap(), -1);
}

TEST_F(RoomCursorsTest, ABatchOfThisNodeThatFillsTheGapItselfNeedsNoRead) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(6));
  EXPECT_TRUE(pass(5, 6));
  EXPECT_EQ(next_gap(), -1);
}

TEST_F(RoomCursorsTest, AReadThatWasOvertakenIsNotDelivered) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(6));
  EXPECT_EQ(next_gap(), 5);
  EXPECT_TRUE(pass(5, 6));
  EXPECT_FALSE(filled(6));
  EXPECT_TRUE(pass(6, 7));
}

TEST_F(RoomCursorsTest, AFailedReadHasItsTurnAgain) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(6));
  EXPECT_EQ(next_gap(), 5);
  cursors_.failed(*gap_);
  EXPECT_EQ(gaps_told_, 2);
  EXPECT_EQ(next_gap(), 5);
  EXPECT_TRUE(filled(6));
}

TEST_F(RoomCursorsTest, AStoreThatHasLessThanItSaidIsNotAskedForEver) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(9));
  EXPECT_EQ(next_gap(), 5);
  EXPECT_TRUE(filled(5));
  EXPECT_EQ(next_gap(), -1);
}

TEST_F(RoomCursorsTest, BeforeAnybodyIsLiveABatchPassesAndTheirReadDecides) {
  const auto moment = cursors_.moment();
  cursors_.joined(kRoom);
  EXPECT_TRUE(pass(6, 7));  // held by the one who came
  cursors_.live(kRoom, Seq(5), moment);
  EXPECT_EQ(next_gap(), 5) << "6 was never delivered here";
}

TEST_F(RoomCursorsTest, WhoWasThereBeforeTheCursorBeganGoesBackToWhatTheyLack) {
  const auto early = cursors_.moment();
  cursors_.joined(kRoom);
  listen(kRoom, 6);  // read later, and was live first
  cursors_.live(kRoom, Seq(5), early);
  EXPECT_EQ(next_gap(), 5);
  EXPECT_TRUE(filled(6));
  EXPECT_TRUE(pass(6, 7));
}

TEST_F(RoomCursorsTest, WhoCameLaterWasOfferedAllAndReadsNothingAgain) {
  listen(kRoom, 5);
  const auto moment = cursors_.moment();
  cursors_.joined(kRoom);
  EXPECT_TRUE(pass(5, 6));  // offered to both, and on its way to the second when it says
  cursors_.live(kRoom, Seq(5), moment);
  EXPECT_EQ(next_gap(), -1);
}

TEST_F(RoomCursorsTest, ARoomThatNobodyListensToIsForgotten) {
  listen(kRoom, 5);
  listen(kOther, 5);
  EXPECT_EQ(cursors_.rooms().size(), 2U);
  cursors_.exists(kRoom, Seq(9));
  cursors_.left(kRoom);
  EXPECT_EQ(next_gap(), -1);
  EXPECT_EQ(cursors_.rooms(), (std::vector{kOther}));
  EXPECT_TRUE(pass(20, 21)) << "nobody to keep an order for";
}

TEST_F(RoomCursorsTest, AnAnswerForARoomThatBeganAnewMeanwhileIsNotDelivered) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(9));
  EXPECT_EQ(next_gap(), 5);
  cursors_.left(kRoom);
  EXPECT_FALSE(filled(9));
  listen(kRoom, 9);
  EXPECT_FALSE(filled(9));
  EXPECT_TRUE(pass(9, 10));
}

TEST_F(RoomCursorsTest, AForgottenRoomIsNotLookedForUntilSomebodyComes) {
  listen(kRoom, 5);
  cursors_.exists(kRoom, Seq(9));
  EXPECT_EQ(next_gap(), 5);
  cursors_.forget(kRoom);
  EXPECT_TRUE(cursors_.rooms().empty());
  EXPECT_EQ(next_gap(), -1);
  cursors_.joined(kRoom);
  cursors_.exists(kRoom, Seq(10));
  EXPECT_EQ(next_gap(), 5);
}

}  // namespace
}  // namespace izpo::realtime
