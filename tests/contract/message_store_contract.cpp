#include <gmock/gmock.h>

#include "contract/store_contract.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MessageStoreContract : public StoreContract {
 protected:
  static std::vector<std::string> contents(const std::vector<StoredMessage>& messages) {
    std::vector<std::string> result;
    for (const StoredMessage& stored : messages) result.push_back(stored.message.content);
    return result;
  }
  static std::vector<std::int64_t> seqs(const std::vector<StoredMessage>& messages) {
    std::vector<std::int64_t> result;
    for (const StoredMessage& stored : messages) result.push_back(stored.message.seq.value);
    return result;
  }
  static std::vector<std::string> results(const std::vector<AppendOutcome>& outcomes) {
    std::vector<std::string> result;
    for (const AppendOutcome& outcome : outcomes) {
      result.push_back(outcome ? std::to_string(outcome->message.seq.value)
                               : std::string(outcome.error().reason.name));
    }
    return result;
  }
  std::int64_t last_seq(RoomId room) { return ok(messages().last_seq(room)).value; }

  void append_numbered(RoomId room, UserId sender, int count) {
    std::vector<PendingMessage> batch;
    for (int i = 1; i <= count; ++i) batch.push_back(pending(room, sender, "m" + std::to_string(i)));
    append(std::move(batch));
  }

  User ana_ = add_user("ana");
  User berta_ = add_user("berta");
  Room room_ = add_room(ana_.id);
};

TEST_P(MessageStoreContract, AnAppendedMessageIsGivenBackWholeAndRead) {
  const auto appended = append_one(pending(room_.id, ana_.id, "¡hola, 世界! 👋🏽", "c-1"), later(1));
  EXPECT_EQ(appended.message.seq.value, 1);
  EXPECT_EQ(appended.message.content, "¡hola, 世界! 👋🏽");
  EXPECT_EQ(appended.message.client_id, "c-1");
  EXPECT_EQ(appended.message.created_at, later(1));
  EXPECT_EQ(appended.sender.username, "ana");
  EXPECT_FALSE(appended.repeat);

  const auto history = ok(messages().history(room_.id, {}));
  ASSERT_EQ(history.size(), 1U);
  const Message& read = history[0].message;
  EXPECT_EQ(read.id, appended.message.id);
  EXPECT_EQ(read.room, room_.id);
  EXPECT_EQ(read.sender, ana_.id);
  EXPECT_EQ(read.seq.value, 1);
  EXPECT_EQ(read.content, "¡hola, 世界! 👋🏽");
  EXPECT_EQ(read.client_id, "c-1");
  EXPECT_EQ(read.file, std::nullopt);
  EXPECT_EQ(read.created_at, later(1));
  EXPECT_EQ(history[0].sender.username, "ana");
  EXPECT_EQ(history[0].sender.email, "ana@example.test");
}

TEST_P(MessageStoreContract, EachRoomCountsItsOwnMessagesWithoutGapsInBatchOrder) {
  const Room other = add_room(ana_.id);
  EXPECT_THAT(results(append({pending(room_.id, ana_.id, "a"), pending(other.id, ana_.id, "x"),
                              pending(room_.id, ana_.id, "b"), pending(other.id, ana_.id, "y")})),
              ElementsAre("1", "1", "2", "2"));
  EXPECT_THAT(results(append({pending(room_.id, ana_.id, "c")})), ElementsAre("3"));
  EXPECT_EQ(last_seq(room_.id), 3);
  EXPECT_EQ(last_seq(other.id), 2);
  EXPECT_EQ(ok(rooms().find(room_.id, std::nullopt))->room.last_seq.value, 3);
}

TEST_P(MessageStoreContract, IdsGrowWithTheNumbersOfARoom) {
  append_numbered(room_.id, ana_.id, 5);
  const auto history = ok(messages().history(room_.id, {}));
  for (std::size_t i = 1; i < history.size(); ++i) {
    EXPECT_GT(history[i - 1].message.id, history[i].message.id);
    EXPECT_GT(history[i - 1].message.seq, history[i].message.seq);
  }
}

TEST_P(MessageStoreContract, WhatFailsTakesNoNumberAndFailsNobodyElse) {
  const Room secret = add_room(ana_.id, true);
  const User gone = add_user("ida");
  ok(members().join(room_.id, gone.id, kNow));
  ok(users().set_active(gone.id, false, kNow));
  const User out = add_user("otto");
  ok(members().join(room_.id, out.id, kNow));
  ok(members().remove(room_.id, out.id, kNow));

  EXPECT_THAT(results(append({
                  pending(room_.id, ana_.id, "a"),
                  pending(RoomId(987654), ana_.id, "no such room"),
                  pending(secret.id, berta_.id, "private"),
                  pending(room_.id, berta_.id, "not joined"),
                  pending(room_.id, out.id, "removed"),
                  pending(room_.id, gone.id, "inactive"),
                  pending(room_.id, ana_.id, "b"),
              })),
              ElementsAre("1", "room_not_found", "room_not_found", "not_a_member", "removed_from_room",
                          "login_ended", "2"));
  EXPECT_EQ(last_seq(room_.id), 2);
  EXPECT_EQ(last_seq(secret.id), 0);
}

TEST_P(MessageStoreContract, AnEmptyBatchIsNoError) {
  EXPECT_THAT(append({}), IsEmpty());
}

TEST_P(MessageStoreContract, ARepeatGetsTheFirstMessageAgainAndStoresNothing) {
  const auto first = append_one(pending(room_.id, ana_.id, "once", "c-1"), later(1));
  const auto outcomes = append(
      {pending(room_.id, ana_.id, "once", "c-1"), pending(room_.id, ana_.id, "next", "c-2")}, later(9));
  ASSERT_TRUE(outcomes[0]);
  EXPECT_TRUE(outcomes[0]->repeat);
  EXPECT_EQ(outcomes[0]->message.id, first.message.id);
  EXPECT_EQ(outcomes[0]->message.seq, first.message.seq);
  EXPECT_EQ(outcomes[0]->message.created_at, later(1));
  EXPECT_EQ(outcomes[0]->sender.username, "ana");
  EXPECT_EQ(outcomes[1]->message.seq.value, 2);
  EXPECT_EQ(last_seq(room_.id), 2);
}

TEST_P(MessageStoreContract, ARepeatWithinOneBatchIsFoundToo) {
  const auto outcomes =
      append({pending(room_.id, ana_.id, "once", "c-1"), pending(room_.id, ana_.id, "once", "c-1"),
              pending(room_.id, ana_.id, "other", "c-1"), pending(room_.id, ana_.id, "next")});
  EXPECT_THAT(results(outcomes), ElementsAre("1", "1", "client_id_conflict", "2"));
  EXPECT_FALSE(outcomes[0]->repeat);
  EXPECT_TRUE(outcomes[1]->repeat);
  EXPECT_EQ(outcomes[1]->message.id, outcomes[0]->message.id);
  EXPECT_EQ(last_seq(room_.id), 2);
}

TEST_P(MessageStoreContract, AClientIdBelongsToOneSenderInOneRoom) {
  const Room other = add_room(ana_.id);
  ok(members().join(room_.id, berta_.id, kNow));
  EXPECT_THAT(
      results(append({pending(room_.id, ana_.id, "a", "c-1"), pending(room_.id, berta_.id, "b", "c-1"),
                      pending(other.id, ana_.id, "c", "c-1"), pending(room_.id, ana_.id, "d", "C-1")})),
      ElementsAre("1", "2", "1", "3"));
}

TEST_P(MessageStoreContract, ARepeatWithAnotherContentIsAConflict) {
  append_one(pending(room_.id, ana_.id, "once", "c-1"));
  EXPECT_THAT(results(append({pending(room_.id, ana_.id, "twice", "c-1")})),
              ElementsAre("client_id_conflict"));
}

INSTANTIATE_TEST_SUITE_P(Every, MessageStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
