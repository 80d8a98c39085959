#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

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
  PendingMessage with_file(UserId sender, FileId file) const {
    PendingMessage message = pending(room_.id, sender, "mira");
    message.file = file;
    return message;
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

// A phone that was in a drawer; a server whose clock was wrong, then or now.
TEST_P(MessageStoreContract, ARepeatIsFoundWheneverItComesAndWhateverTheClockSays) {
  const auto first = append_one(pending(room_.id, ana_.id, "once", "c-1"));
  append_numbered(room_.id, ana_.id, 200);
  for (const auto apart : {std::chrono::days(3), std::chrono::days(800), std::chrono::days(-30)}) {
    const auto again = append_one(pending(room_.id, ana_.id, "once", "c-1"), kNow + apart);
    EXPECT_TRUE(again.repeat);
    EXPECT_EQ(again.message.id, first.message.id);
    EXPECT_EQ(again.message.seq, first.message.seq);
    EXPECT_EQ(again.message.created_at, kNow);
  }
  EXPECT_EQ(last_seq(room_.id), 201);
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

TEST_P(MessageStoreContract, AFileMustBeThereAndTheSendersOwn) {
  ok(members().join(room_.id, berta_.id, kNow));
  const FileId file = add_file("plano.png", ana_.id);
  EXPECT_THAT(results(append({with_file(ana_.id, file), with_file(berta_.id, file),
                              with_file(ana_.id, FileId(4711)), with_file(ana_.id, file)})),
              ElementsAre("1", "file_not_found", "file_not_found", "2"));
  ok(files().remove(file, ana_.id, later(1)));
  EXPECT_THAT(results(append({with_file(ana_.id, file)})), ElementsAre("file_not_found"));
}

TEST_P(MessageStoreContract, AMessageKeepsTheNameOfAFileThatIsDeleted) {
  const FileId file = add_file("plano.png", ana_.id);
  const auto appended = append_one(with_file(ana_.id, file));
  ASSERT_TRUE(appended.file);
  EXPECT_EQ(appended.file->id, file);
  EXPECT_EQ(appended.file->original_filename, "plano.png");
  EXPECT_EQ(appended.file->size, 1234);
  ASSERT_TRUE(ok(messages().history(room_.id, {})).at(0).file);

  ok(files().remove(file, ana_.id, later(1)));
  const auto stored = ok(messages().history(room_.id, {})).at(0);
  EXPECT_EQ(stored.message.file, file);
  EXPECT_FALSE(stored.file);
}

TEST_P(MessageStoreContract, ARepeatIsFoundAlthoughItsFileWasDeletedMeanwhile) {
  const FileId file = add_file("plano.png", ana_.id);
  const FileId other = add_file("otro.png", ana_.id);
  PendingMessage message = with_file(ana_.id, file);
  message.client_id = "c-1";
  const MessageId first = append_one(message).message.id;
  EXPECT_TRUE(append_one(message).file);
  PendingMessage changed = message;
  changed.file = other;
  EXPECT_THAT(results(append({changed})), ElementsAre("client_id_conflict"));
  changed.file = std::nullopt;
  EXPECT_THAT(results(append({changed})), ElementsAre("client_id_conflict"));

  ok(files().remove(file, ana_.id, later(1)));
  const auto repeated = append_one(message);
  EXPECT_TRUE(repeated.repeat);
  EXPECT_EQ(repeated.message.id, first);
  EXPECT_EQ(repeated.message.file, file);
  EXPECT_FALSE(repeated.file);
}

TEST_P(MessageStoreContract, ARepeatBySomebodyWhoMayNoLongerPostIsRefused) {
  ok(members().join(room_.id, berta_.id, kNow));
  append_one(pending(room_.id, berta_.id, "hola", "c-1"));
  ok(members().leave(room_.id, berta_.id));
  EXPECT_THAT(results(append({pending(room_.id, berta_.id, "hola", "c-1")})), ElementsAre("not_a_member"));
}

TEST_P(MessageStoreContract, ARepeatOfAMessageOfAnotherBatchAtOnceIsStoredOnce) {
  // One append at a time a node: two nodes' batches are what may meet.
  for (int round = 0; round < 20; ++round) {
    const std::string id = "race-" + std::to_string(round);
    const auto send = [&] { return messages().append({pending(room_.id, ana_.id, "hola", id)}, kNow); };
    const auto [one, other] = at_once(send, send);
    ASSERT_TRUE(one && other);
    EXPECT_NE(one->at(0)->repeat, other->at(0)->repeat);
    EXPECT_EQ(one->at(0)->message.id, other->at(0)->message.id);
  }
  EXPECT_EQ(last_seq(room_.id), 20);
}

TEST_P(MessageStoreContract, BatchesAtOnceShareOneCountWithoutGaps) {
  const auto send = [&] {
    std::vector<PendingMessage> batch;
    for (int i = 0; i < 25; ++i) batch.push_back(pending(room_.id, ana_.id, "hola"));
    return messages().append(std::move(batch), kNow);
  };
  for (int round = 0; round < 4; ++round) {
    const auto [one, other] = at_once(send, send);
    ASSERT_TRUE(one && other);
  }
  const auto replay = ok(messages().replay(room_.id, Seq(0), 200));
  ASSERT_EQ(replay.messages.size(), 200U);
  for (std::size_t i = 0; i < replay.messages.size(); ++i) {
    EXPECT_EQ(replay.messages[i].message.seq.value, static_cast<std::int64_t>(i) + 1);
    if (i > 0) EXPECT_GT(replay.messages[i].message.id, replay.messages[i - 1].message.id);
  }
}

TEST_P(MessageStoreContract, ARoomRemovedMeanwhileFailsItsMessagesOnly) {
  const Room other = add_room(ana_.id);
  ok(rooms().remove(other.id, ana_.id));
  EXPECT_THAT(results(append({pending(other.id, ana_.id, "lost"), pending(room_.id, ana_.id, "kept")})),
              ElementsAre("room_not_found", "1"));
}

TEST_P(MessageStoreContract, HistoryIsNewestFirstAndCutByEveryCursor) {
  append_numbered(room_.id, ana_.id, 6);
  const auto all = ok(messages().history(room_.id, {}));
  EXPECT_THAT(contents(all), ElementsAre("m6", "m5", "m4", "m3", "m2", "m1"));
  const MessageId third = all[3].message.id;
  const auto page = [&](HistoryPage wanted) { return contents(ok(messages().history(room_.id, wanted))); };
  EXPECT_THAT(page({.limit = 2}), ElementsAre("m6", "m5"));
  EXPECT_THAT(page({.limit = 2, .skip = 3}), ElementsAre("m3", "m2"));
  EXPECT_THAT(page({.limit = 2, .before = third}), ElementsAre("m2", "m1"));
  EXPECT_THAT(page({.limit = 2, .after = third}), ElementsAre("m4", "m5"));
  EXPECT_THAT(page({.limit = 2, .after_seq = Seq(3)}), ElementsAre("m4", "m5"));
  EXPECT_THAT(page({.limit = 2, .skip = 1, .after_seq = Seq(3)}), ElementsAre("m5", "m6"));
  EXPECT_THAT(page({.before = all[5].message.id}), IsEmpty());
  EXPECT_THAT(page({.after_seq = Seq(6)}), IsEmpty());
  EXPECT_THAT(ok(messages().history(RoomId(4711), {})), IsEmpty());
}

TEST_P(MessageStoreContract, HistoryIsOfOneRoomOnly) {
  const Room other = add_room(ana_.id);
  append({pending(room_.id, ana_.id, "here"), pending(other.id, ana_.id, "there"),
          pending(room_.id, ana_.id, "too")});
  EXPECT_THAT(contents(ok(messages().history(room_.id, {}))), ElementsAre("too", "here"));
  EXPECT_THAT(contents(ok(messages().replay(other.id, Seq(0), 10)).messages), ElementsAre("there"));
}

TEST_P(MessageStoreContract, AnyIdCutsTheHistoryWhereItWouldStand) {
  const Room other = add_room(ana_.id);
  for (int i = 0; i < 4; ++i) {
    append_numbered(room_.id, ana_.id, 3);
    append_numbered(other.id, ana_.id, 2);
  }
  auto newest_first = ok(messages().history(room_.id, {}));
  const auto ids = [](const std::vector<StoredMessage>& found, auto wanted) {
    std::vector<std::int64_t> result;
    for (const StoredMessage& one : found) {
      if (wanted(one.message.id)) result.push_back(one.message.id.value);
    }
    return result;
  };
  const auto any = [](MessageId) { return true; };
  std::vector<std::int64_t> cursors{std::numeric_limits<std::int64_t>::min(), -1, 0,
                                    std::numeric_limits<std::int64_t>::max()};
  for (std::int64_t id = 1; id <= newest_first.front().message.id.value + 3; ++id) cursors.push_back(id);
  for (const std::int64_t cursor : cursors) {
    const MessageId id(cursor);
    EXPECT_EQ(ids(ok(messages().history(room_.id, {.before = id})), any),
              ids(newest_first, [id](MessageId one) { return one < id; }))
        << "before " << cursor;
    auto above = ids(newest_first, [id](MessageId one) { return one > id; });
    std::ranges::reverse(above);
    EXPECT_EQ(ids(ok(messages().history(room_.id, {.after = id})), any), above) << "after " << cursor;
  }
}

TEST_P(MessageStoreContract, AReplayTellsWhatWasMissedInOrderAndHowFarItGoes) {
  append_numbered(room_.id, ana_.id, 5);
  const auto whole = ok(messages().replay(room_.id, Seq(0), 10));
  EXPECT_THAT(seqs(whole.messages), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(whole.up_to.value, 5);
  EXPECT_FALSE(whole.more);

  const auto cut = ok(messages().replay(room_.id, Seq(1), 2));
  EXPECT_THAT(seqs(cut.messages), ElementsAre(2, 3));
  EXPECT_EQ(cut.up_to.value, 3);
  EXPECT_TRUE(cut.more);

  const auto rest = ok(messages().replay(room_.id, cut.up_to, 2));
  EXPECT_THAT(seqs(rest.messages), ElementsAre(4, 5));
  EXPECT_EQ(rest.up_to.value, 5);
  EXPECT_FALSE(rest.more);

  const auto nothing = ok(messages().replay(room_.id, Seq(5), 2));
  EXPECT_THAT(nothing.messages, IsEmpty());
  EXPECT_EQ(nothing.up_to.value, 5);
  EXPECT_FALSE(nothing.more);
  EXPECT_EQ(failure(messages().replay(RoomId(4711), Seq(0), 2)), "room_not_found");
}

TEST_P(MessageStoreContract, TheLastNumberOfARoom) {
  EXPECT_EQ(last_seq(room_.id), 0);
  append_numbered(room_.id, ana_.id, 3);
  EXPECT_EQ(last_seq(room_.id), 3);
  EXPECT_EQ(failure(messages().last_seq(RoomId(4711))), "room_not_found");
}

TEST_P(MessageStoreContract, TheLastNumbersOfManyRooms) {
  const Room other = add_room(ana_.id);
  append_numbered(room_.id, ana_.id, 3);
  EXPECT_THAT(ok(messages().last_seqs({})), IsEmpty());
  auto found = ok(messages().last_seqs({other.id, RoomId(4711), room_.id}));
  std::ranges::sort(found, {}, &RoomLast::room);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].room, room_.id);
  EXPECT_EQ(found[0].last_seq.value, 3);
  EXPECT_EQ(found[1].room, other.id);
  EXPECT_EQ(found[1].last_seq.value, 0);
}

TEST_P(MessageStoreContract, TheLongestContentAndEveryScriptComeBackAsTheyWere) {
  std::string longest;
  for (int i = 0; i < 10'000; ++i) longest += "😀";
  const std::string mixed =
      "línea 1\nlínea 2\t\"'; DROP TABLE messages; -- العربية עברית ไทย 🇲🇽 e\u0301 \x01\x7F";
  append({pending(room_.id, ana_.id, longest), pending(room_.id, ana_.id, mixed),
          pending(room_.id, ana_.id, "")});
  EXPECT_THAT(contents(ok(messages().history(room_.id, {}))), ElementsAre("", mixed, longest));
}

TEST_P(MessageStoreContract, MessagesAndTheirCountAreThereAfterReopening) {
  append({pending(room_.id, ana_.id, "uno", "c-1"), pending(room_.id, ana_.id, "dos")});
  const MessageId last = ok(messages().history(room_.id, {})).at(0).message.id;
  backend().reopen();
  EXPECT_THAT(contents(ok(messages().history(room_.id, {}))), ElementsAre("dos", "uno"));
  EXPECT_TRUE(append_one(pending(room_.id, ana_.id, "uno", "c-1")).repeat);
  const auto next = append_one(pending(room_.id, ana_.id, "tres"));
  EXPECT_EQ(next.message.seq.value, 3);
  EXPECT_GT(next.message.id, last);
}

TEST_P(MessageStoreContract, TheNumberOfARemovedRoomsMessagesIsNotUsedAgain) {
  const MessageId gone = append_one(pending(room_.id, ana_.id, "uno")).message.id;
  ok(rooms().remove(room_.id, ana_.id));
  backend().reopen();
  const Room next = add_room(ana_.id);
  EXPECT_GT(next.id, room_.id);
  EXPECT_GT(append_one(pending(next.id, ana_.id, "dos")).message.id, gone);
}

INSTANTIATE_TEST_SUITE_P(Every, MessageStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
