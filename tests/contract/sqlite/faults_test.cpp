#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "adapters/sqlite/store.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

using ::testing::HasSubstr;

// What the SQLite store does when the disk or another process does not play along.
class SqliteFaultsTest : public ::testing::Test {
 protected:
  static constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);

  SqliteFaultsTest() {
    store_->migrate(kNow).value();
    owner_ = run_task(store_->users().create({.username = "ana",
                                              .username_keys = {.folded = "ana", .skeleton = "ana"},
                                              .email = "ana@example.test",
                                              .email_key = "ana@example.test",
                                              .full_name = std::nullopt,
                                              .password_hash = "none",
                                              .created_at = kNow}))
                 .value()
                 .id;
    room_ = run_task(store_->rooms().create({.name = "sala",
                                             .description = std::nullopt,
                                             .is_private = false,
                                             .owner = owner_,
                                             .created_at = kNow}))
                .value()
                .id;
  }

  Result<std::vector<AppendOutcome>> append(std::size_t count, std::size_t length = 10) {
    const PendingMessage message{.room = room_,
                                 .sender = owner_,
                                 .content = std::string(length, 'x'),
                                 .client_id = std::nullopt,
                                 .file = std::nullopt};
    return run_task(store_->messages().append(std::vector(count, message), kNow));
  }

  // Runs on the connection that writes, outside of a store's statements.
  void pragma(const std::string& text) {
    ASSERT_TRUE(run_task(store_->database().write_directly(
        [&](sqlite::Connection& connection) { return connection.script("PRAGMA " + text); })));
  }

  std::size_t stored() {
    return run_task(store_->messages().replay(room_, Seq(0), 10'000)).value().messages.size();
  }

  std::filesystem::path file() const { return directory_.path() / "chat.db"; }

  TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Store> store_ = sqlite::Store::open({.file = file()}).value();
  UserId owner_;
  RoomId room_;
};

TEST_F(SqliteFaultsTest, AFullDiskStoresNothingOfTheBatchAndTheNextGoesOnInOrder) {
  ASSERT_TRUE(append(2));
  pragma("max_page_count = 60");
  const auto full = append(200, 9000);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().reason.name, "storage_full");
  EXPECT_EQ(stored(), 2U);

  pragma("max_page_count = 1000000");
  const auto next = append(1);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->at(0)->message.seq.value, 3);
}

TEST_F(SqliteFaultsTest, AnotherWritersTransactionIsWaitedForAndThenGivenUpOn) {
  pragma("busy_timeout = 20");
  auto other = sqlite::Connection::open(file(), sqlite::Access::kWrite).value();
  {
    auto held = sqlite::Transaction::begin(other);
    ASSERT_TRUE(held);
    const auto refused = append(1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason.name, "storage_unavailable");
    EXPECT_THAT(refused.error().log_detail, HasSubstr("locked"));
    EXPECT_EQ(stored(), 0U);  // readers do not wait
  }
  EXPECT_EQ(append(1).value().at(0)->message.seq.value, 1);
}

TEST_F(SqliteFaultsTest, WhatAnotherProcessChangesIsSeen) {
  const auto other = sqlite::Store::open({.file = file()}).value();
  EXPECT_EQ(other->migrate(kNow).value().size(), 0U);
  ASSERT_TRUE(append(1));
  EXPECT_EQ(run_task(other->messages().append({{.room = room_,
                                                .sender = owner_,
                                                .content = "from there",
                                                .client_id = std::nullopt,
                                                .file = std::nullopt}},
                                              kNow))
                .value()
                .at(0)
                ->message.seq.value,
            2);
  EXPECT_EQ(append(1).value().at(0)->message.seq.value, 3);
  EXPECT_FALSE(run_task(other->users().set_active(owner_, false, kNow)).value().is_active);
  EXPECT_EQ(append(1).value().at(0).error().reason.name, "login_ended");
}

TEST_F(SqliteFaultsTest, ARoomWhoseRemovalWasCutShortIsGoneAndClearedWithTheNext) {
  ASSERT_TRUE(append(10));
  const RoomId next = run_task(store_->rooms().create({.name = "otra",
                                                       .description = std::nullopt,
                                                       .is_private = false,
                                                       .owner = owner_,
                                                       .created_at = kNow}))
                          .value()
                          .id;
  // As the process that removed it left it.
  ASSERT_TRUE(run_task(store_->database().write([](sql::Session& session) {
    return session.script("UPDATE rooms SET is_removed = 1 WHERE name = 'sala'");
  })));

  EXPECT_FALSE(run_task(store_->rooms().find(room_, owner_)).value().has_value());
  EXPECT_EQ(run_task(store_->rooms().list_of(owner_, {})).value().size(), 1U);
  EXPECT_EQ(run_task(store_->rooms().list_public({})).value().size(), 1U);
  EXPECT_EQ(append(1).value().at(0).error().reason.name, "room_not_found");

  ASSERT_TRUE(run_task(store_->rooms().remove(next, owner_)));
  EXPECT_TRUE(run_task(store_->messages().history(room_, {})).value().empty());
}

TEST_F(SqliteFaultsTest, ADamagedFileIsAnErrorAndNotACrash) {
  store_.reset();
  {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(4096);  // every page after the first
    const std::string noise(64 * 1024, '\x5A');
    bytes.write(noise.data(), static_cast<std::streamsize>(noise.size()));
  }
  store_ = sqlite::Store::open({.file = file()}).value();
  EXPECT_EQ(run_task(store_->users().find(owner_)).error().reason.name, "storage_unavailable");
}

}  // namespace
}  // namespace izpo::testing
