#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "contract/store_contract.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FileStoreContract : public StoreContract {
 protected:
  void post(FileId file, RoomId room, UserId sender) {
    PendingMessage message = pending(room, sender, "mira");
    message.file = file;
    append_one(std::move(message));
  }

  const User ana_ = add_user("ana");
  const User berta_ = add_user("berta");
  int made_ = 0;
};

TEST_P(FileStoreContract, WhatWasCreatedIsFoundWhole) {
  File file = new_file("plano ñ.png", ana_.id);
  file.digest = "00ff";
  file.image_size = ImageSize{.width = 640, .height = 480};
  const File created = ok(files().create(file, std::nullopt));
  EXPECT_GT(created.id.value, 0);
  backend().reopen();

  const auto found = ok(files().find(created.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->original_filename, "plano ñ.png");
  EXPECT_EQ(found->stored_filename, "stored-plano ñ.png");
  EXPECT_EQ(found->size, 1234);
  EXPECT_EQ(found->content_type, "image/png");
  EXPECT_EQ(found->uploader, ana_.id);
  EXPECT_EQ(found->uploaded_at, kNow);
  EXPECT_EQ(found->blob, "blob-of-plano ñ.png");
  EXPECT_EQ(found->digest, "00ff");
  EXPECT_EQ(found->image_size, file.image_size);
}

TEST_P(FileStoreContract, WhatIsUnknownStaysUnknown) {
  File file = new_file("a.txt", ana_.id);
  file.blob = "";
  file.public_url = "https://example.test/a.txt";
  const auto found = ok(files().find(ok(files().create(file, std::nullopt)).id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->blob, "");
  EXPECT_EQ(found->digest, "");
  EXPECT_EQ(found->image_size, std::nullopt);
  EXPECT_EQ(found->public_url, "https://example.test/a.txt");
}

TEST_P(FileStoreContract, OnlyAUserHasFiles) {
  EXPECT_EQ(failure(files().create(new_file("a.png", UserId(4711)), std::nullopt)), "user_not_found");
}

TEST_P(FileStoreContract, OnlyItsUploaderDeletesAFileAndOnlyOnce) {
  const FileId file = add_file("a.png", ana_.id);
  EXPECT_EQ(failure(files().remove(file, berta_.id, kNow)), "file_not_found");
  EXPECT_TRUE(ok(files().find(file)));
  ok(files().remove(file, ana_.id, kNow));
  EXPECT_FALSE(ok(files().find(file)));
  EXPECT_EQ(failure(files().remove(file, ana_.id, kNow)), "file_not_found");
  EXPECT_EQ(failure(files().remove(FileId(4711), ana_.id, kNow)), "file_not_found");
}

TEST_P(FileStoreContract, TheQuotaCountsWhatIsThere) {
  const auto one_more = [&](std::int64_t quota) {
    return failure(files().create(new_file("f" + std::to_string(++made_), ana_.id), quota));
  };
  EXPECT_EQ(one_more(1233), "quota_exceeded");
  EXPECT_EQ(one_more(1234), "ok");
  const FileId second = add_file("mas.png", ana_.id);
  EXPECT_EQ(one_more(3701), "quota_exceeded");
  EXPECT_EQ(ok(files().usage_of(ana_.id)), (FileUsage{.bytes = 2468, .files = 2}));
  EXPECT_EQ(ok(files().usage_of(berta_.id)), FileUsage{});

  ok(files().remove(second, ana_.id, kNow));
  EXPECT_EQ(ok(files().usage_of(ana_.id)), (FileUsage{.bytes = 1234, .files = 1}));
  EXPECT_EQ(one_more(3701), "ok");
}

TEST_P(FileStoreContract, TwoAtOnceDoNotPassTheQuotaTogether) {
  for (int round = 0; round < 20; ++round) {
    const User user = add_user("u" + std::to_string(round));
    const auto [one, other] =
        at_once([&] { return files().create(new_file("x" + std::to_string(round), user.id), 2000); },
                [&] { return files().create(new_file("y" + std::to_string(round), user.id), 2000); });
    EXPECT_NE(one.has_value(), other.has_value());
    EXPECT_EQ(ok(files().usage_of(user.id)).files, 1);
  }
}

TEST_P(FileStoreContract, AFileIsPostedToThoseWhoMayReadARoomThatHasIt) {
  const Room open = add_room(ana_.id);
  const Room closed = add_room(ana_.id, true);
  const FileId seen = add_file("a.png", ana_.id);
  const FileId hidden = add_file("b.png", ana_.id);
  EXPECT_FALSE(ok(files().is_posted_to(berta_.id, seen)));
  post(seen, open.id, ana_.id);
  post(hidden, closed.id, ana_.id);
  EXPECT_TRUE(ok(files().is_posted_to(berta_.id, seen)));
  EXPECT_FALSE(ok(files().is_posted_to(berta_.id, hidden)));

  ok(members().add(closed.id, berta_.id, kNow));
  EXPECT_TRUE(ok(files().is_posted_to(berta_.id, hidden)));
  ok(members().remove(closed.id, berta_.id, kNow));
  EXPECT_FALSE(ok(files().is_posted_to(berta_.id, hidden)));
}

TEST_P(FileStoreContract, DeletingAFileIsAChangeOfEveryMessageThatHasIt) {
  const Room one = add_room(ana_.id);
  const Room two = add_room(ana_.id);
  const Room gone = add_room(ana_.id);
  const FileId file = add_file("a.png", ana_.id);
  const FileId other = add_file("b.png", ana_.id);
  post(file, one.id, ana_.id);   // 1
  post(other, one.id, ana_.id);  // 2
  post(file, one.id, ana_.id);   // 3
  post(file, two.id, ana_.id);   // 1
  post(file, gone.id, ana_.id);
  ok(rooms().remove(gone.id, ana_.id));

  const auto numbers = [](const std::vector<StoredMessage>& messages) {
    std::vector<std::array<std::int64_t, 3>> found;
    for (const auto& [message, sender, attached] : messages) {
      EXPECT_EQ(message.file.has_value() && !attached, message.change_seq != message.seq);
      EXPECT_EQ(sender.username, "ana");
      found.push_back({message.room.value, message.seq.value, message.change_seq.value});
    }
    return found;
  };
  using Numbers = std::vector<std::array<std::int64_t, 3>>;
  EXPECT_EQ(numbers(ok(files().remove(file, ana_.id, kNow))),
            (Numbers{{one.id.value, 1, 4}, {one.id.value, 3, 5}, {two.id.value, 1, 2}}));
  EXPECT_EQ(ok(messages().last_seq(one.id)), Seq(5));
  EXPECT_EQ(ok(messages().last_seq(two.id)), Seq(2));

  // Who has everything up to 2 lacks the message 3, as it is now, and the change of 1; who has 3 lacks both
  // changes. Who has nothing gets each message once.
  const auto replayed = [&](std::int64_t after, std::int64_t limit = 10) {
    return numbers(ok(messages().replay(one.id, Seq(after), limit)).messages);
  };
  EXPECT_EQ(replayed(2), (Numbers{{one.id.value, 3, 5}, {one.id.value, 1, 4}}));
  EXPECT_EQ(replayed(3), (Numbers{{one.id.value, 1, 4}, {one.id.value, 3, 5}}));
  EXPECT_EQ(replayed(4), (Numbers{{one.id.value, 3, 5}}));
  EXPECT_EQ(replayed(5), Numbers{});
  EXPECT_EQ(replayed(0), (Numbers{{one.id.value, 1, 4}, {one.id.value, 2, 2}, {one.id.value, 3, 5}}));
  EXPECT_EQ(numbers(ok(messages().history(one.id, {.after_seq = Seq(3)}))), replayed(3));
  const auto cut = ok(messages().replay(one.id, Seq(2), 1));
  EXPECT_TRUE(cut.more);
  EXPECT_EQ(cut.up_to, Seq(3));
  const auto cut_in_changes = ok(messages().replay(one.id, Seq(3), 1));
  EXPECT_EQ(cut_in_changes.up_to, Seq(4));

  post(other, one.id, ana_.id);
  EXPECT_EQ(ok(messages().last_seq(one.id)), Seq(6));
  EXPECT_EQ(failure(files().remove(file, ana_.id, kNow)), "file_not_found");
  EXPECT_EQ(ok(messages().last_seq(one.id)), Seq(6));
}

TEST_P(FileStoreContract, TheFilesOfAnUploaderAreListedUntilDeleted) {
  std::vector<FileId> ids;
  for (const char* name : {"a.png", "b.png", "c.png"}) ids.push_back(add_file(name, ana_.id));
  add_file("otra.png", berta_.id);
  ok(files().remove(ids[1], ana_.id, kNow));
  const auto names = [&](Page page) {
    std::vector<std::string> result;
    for (const File& file : ok(files().list_of(ana_.id, page))) result.push_back(file.original_filename);
    return result;
  };
  EXPECT_THAT(names({}), ElementsAre("a.png", "c.png"));
  EXPECT_THAT(names({.limit = 1, .skip = 1}), ElementsAre("c.png"));
  EXPECT_THAT(names({.after = ids[0].value}), ElementsAre("c.png"));
  EXPECT_THAT(names({.before = ids[2].value}), ElementsAre("a.png"));
}

TEST_P(FileStoreContract, ABlobIsFreeWhenNoFileHasItAndNoneHadItLately) {
  File first = new_file("a.png", ana_.id);
  File second = new_file("b.png", berta_.id);
  first.blob = second.blob = "shared";
  const FileId a = ok(files().create(first, std::nullopt)).id;
  const FileId b = ok(files().create(second, std::nullopt)).id;
  const auto free = [&](Timestamp since) { return ok(files().unreferenced({"shared", "orphan"}, since)); };

  EXPECT_THAT(free(kNow), ElementsAre("orphan"));
  ok(files().remove(a, ana_.id, later(10)));
  EXPECT_THAT(free(later(100)), ElementsAre("orphan"));
  ok(files().remove(b, berta_.id, later(20)));
  EXPECT_THAT(free(later(19)), ElementsAre("orphan"));
  EXPECT_THAT(free(later(20)), ElementsAre("shared", "orphan"));
  EXPECT_THAT(ok(files().unreferenced({}, later(20))), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Every, FileStoreContract, ::testing::ValuesIn(backend_kinds()), backend_name);

}  // namespace
}  // namespace izpo::testing
