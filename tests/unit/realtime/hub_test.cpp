#include "realtime/hub.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <string>
#include <vector>

#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"
#include "support/plain_links.hpp"
#include "support/recording_socket.hpp"

namespace izpo::realtime {
namespace {

using izpo::testing::client_of;
using izpo::testing::FixedClock;
using izpo::testing::RecordingSocket;
using Texts = std::vector<std::string>;

constexpr RoomId kKitchen(1);
constexpr RoomId kGarden(2);
const UserCard kAna{UserId(10), "ana", "Ana Inventada"};
const UserCard kBea{UserId(11), "bea", std::nullopt};

AppendOutcome stored(RoomId room, std::int64_t seq, bool repeat = false) {
  return AppendedMessage{.message = {.id = MessageId(seq + 100),
                                     .room = room,
                                     .sender = kAna.id,
                                     .seq = Seq(seq),
                                     .content = "hola",
                                     .client_id = std::nullopt,
                                     .file = std::nullopt,
                                     .created_at = {}},
                         .sender = kAna,
                         .file = std::nullopt,
                         .repeat = repeat};
}

class HubTest : public ::testing::Test {
 protected:
  struct Seated {
    std::unique_ptr<RecordingSocket> socket;
    std::unique_ptr<Subscription> subscription;
  };

  // A socket in a room that still holds.
  Seated hold(RoomId room, const UserCard& user, std::size_t loop = 0, SessionId session = SessionId(1)) {
    auto socket = std::make_unique<RecordingSocket>(loops_[loop].get_executor());
    auto subscription = hub_.subscribe({room, client_of(user, session)}, *socket);
    return {std::move(socket), std::move(subscription)};
  }

  // The same, live from the room's beginning.
  Seated seat(RoomId room, const UserCard& user, std::size_t loop = 0, SessionId session = SessionId(1)) {
    auto seated = hold(room, user, loop, session);
    (void)seated.subscription->enter();
    EXPECT_TRUE(seated.subscription->go_live(Seq(0)));
    return seated;
  }

  void deliver(const std::vector<AppendOutcome>& batch) { hub_.deliver(hub_.encode(batch)); }

  void run() {
    for (auto& loop : loops_) {
      loop.restart();
      loop.poll();
    }
  }

  std::array<boost::asio::io_context, 2> loops_;
  FixedClock clock_;
  testing::PlainLinks links_;
  Hub hub_{{loops_[0].get_executor(), loops_[1].get_executor()}, clock_, links_, {.grace = {}}};
};

TEST_F(HubTest, SendsTheMessagesOfABatchAsOneFrame) {
  const auto here = seat(kKitchen, kAna);
  deliver({stored(kKitchen, 1), stored(kGarden, 1), stored(kKitchen, 2), stored(kKitchen, 3)});
  run();
  EXPECT_EQ(here.socket->all("message", "seq"), (Texts{"1", "2", "3"}));
  EXPECT_EQ(here.socket->frames(), 1);
}

// The frames of messages with a file differ from socket to socket, and were joined all the same: a batch with
// one of them and another message of its room ended the server.
TEST_F(HubTest, SendsABatchWithAFileAmongItsMessages) {
  const auto here = seat(kKitchen, kAna);
  auto with_file = stored(kKitchen, 2);
  with_file->message.file = FileId(7);
  with_file->file.emplace();
  with_file->file->id = FileId(7);
  deliver({stored(kKitchen, 1), with_file, stored(kKitchen, 3)});
  run();
  EXPECT_EQ(here.socket->all("message", "seq"), (Texts{"1", "2", "3"}));
}

TEST_F(HubTest, SendsNothingBeforeWhatIsMissing) {
  const auto here = seat(kKitchen, kAna);
  const auto elsewhere = seat(kGarden, kAna);
  run();
  deliver({stored(kGarden, 1), stored(kKitchen, 2), stored(kKitchen, 3)});
  run();
  EXPECT_TRUE(here.socket->events().empty());
  EXPECT_EQ(elsewhere.socket->all("message", "seq"), (Texts{"1"}));
  const auto gap = hub_.cursors().next_gap();
  ASSERT_TRUE(gap);
  Replay read;
  for (std::int64_t seq = 1; seq <= 3; ++seq) {
    read.messages.push_back({.message = stored(kKitchen, seq)->message, .sender = {}, .file = std::nullopt});
  }
  read.up_to = Seq(3);
  hub_.fill(*gap, read);
  deliver({stored(kKitchen, 4)});
  run();
  EXPECT_EQ(here.socket->all("message", "seq"), (Texts{"1", "2", "3", "4"}));
}

TEST_F(HubTest, SendsOfABatchWithAGapOnlyWhatIsBeforeIt) {
  const auto here = seat(kKitchen, kAna);
  run();
  deliver({stored(kKitchen, 1), stored(kKitchen, 2), stored(kKitchen, 4)});
  run();
  EXPECT_EQ(here.socket->all("message", "seq"), (Texts{"1", "2"}));
  EXPECT_EQ(hub_.cursors().next_gap().value().after, Seq(2));
}

TEST_F(HubTest, SendsOfABatchOnlyWhatASocketHasNotSeen) {
  const auto late = hold(kKitchen, kAna);
  ASSERT_TRUE(late.subscription->go_live(Seq(2)));
  deliver({stored(kKitchen, 1), stored(kKitchen, 2), stored(kKitchen, 3)});
  run();
  EXPECT_EQ(late.socket->all("message", "seq"), (Texts{"3"}));
}

TEST_F(HubTest, DeliversABatchLargerThanOneFrame) {
  const auto here = seat(kKitchen, kAna);
  std::vector<AppendOutcome> batch;
  Texts expected;
  for (std::int64_t seq = 1; seq <= 1000; ++seq) {
    batch.push_back(stored(kKitchen, seq));
    expected.push_back(std::to_string(seq));
  }
  deliver(batch);
  run();
  EXPECT_EQ(here.socket->all("message", "seq"), expected);
}

TEST_F(HubTest, DeliversABatchInOrderToEverySocketOfTheRoomOnEveryLoop) {
  auto here = seat(kKitchen, kAna, 0);
  auto there = seat(kKitchen, kBea, 1);
  auto elsewhere = seat(kGarden, kBea, 0);
  deliver({stored(kKitchen, 1), stored(kGarden, 1), stored(kKitchen, 2)});
  run();
  EXPECT_EQ(here.socket->all("message", "seq"), (Texts{"1", "2"}));
  EXPECT_EQ(there.socket->all("message", "seq"), (Texts{"1", "2"}));
  EXPECT_EQ(elsewhere.socket->all("message", "seq"), (Texts{"1"}));
}

TEST_F(HubTest, ShowsNeitherRepeatsNorFailures) {
  auto ana = seat(kKitchen, kAna);
  deliver({stored(kKitchen, 1), stored(kKitchen, 1, true), fail(reason::kNotMember), stored(kKitchen, 2)});
  run();
  EXPECT_EQ(ana.socket->all("message", "seq"), (Texts{"1", "2"}));
}

TEST_F(HubTest, HoldsUntilLiveAndDropsWhatWasSent) {
  auto ana = hold(kKitchen, kAna);
  deliver({stored(kKitchen, 4), stored(kKitchen, 5), stored(kKitchen, 6)});
  run();
  EXPECT_TRUE(ana.socket->events().empty());
  EXPECT_TRUE(ana.subscription->go_live(Seq(5)));
  EXPECT_EQ(ana.socket->all("message", "seq"), (Texts{"6"}));
  deliver({stored(kKitchen, 7)});
  run();
  EXPECT_EQ(ana.socket->all("message", "seq"), (Texts{"6", "7"}));
}

TEST_F(HubTest, NeverShowsANumberTwice) {
  auto ana = seat(kKitchen, kAna);
  deliver({stored(kKitchen, 1), stored(kKitchen, 2)});
  deliver({stored(kKitchen, 2), stored(kKitchen, 3)});
  run();
  EXPECT_EQ(ana.socket->all("message", "seq"), (Texts{"1", "2", "3"}));
}

TEST_F(HubTest, AsksForAnotherReadWhenMoreCameThanItHolds) {
  auto ana = hold(kKitchen, kAna);
  const auto too_many = static_cast<std::int64_t>(Subscription::kMaxHeld) + 1;
  for (std::int64_t seq = 1; seq <= too_many; ++seq) deliver({stored(kKitchen, seq)});
  run();
  EXPECT_FALSE(ana.subscription->go_live(Seq(0)));
  EXPECT_TRUE(ana.socket->events().empty());
  deliver({stored(kKitchen, too_many + 1)});
  run();
  EXPECT_TRUE(ana.subscription->go_live(Seq(too_many)));
  EXPECT_EQ(ana.socket->all("message", "seq"), (Texts{std::to_string(too_many + 1)}));
}

TEST_F(HubTest, TellsOnlyTheOthersOfTheFirstSocketAndTheLast) {
  auto ana = seat(kKitchen, kAna);
  run();
  auto bea_phone = seat(kKitchen, kBea, 0);
  auto bea_laptop = seat(kKitchen, kBea, 1);
  run();
  EXPECT_EQ(ana.socket->all("user_joined", "user_id"), (Texts{"11"}));
  EXPECT_TRUE(bea_phone.socket->events().empty());
  bea_phone.subscription.reset();
  run();
  EXPECT_TRUE(ana.socket->all("user_left", "user_id").empty());
  bea_laptop.subscription.reset();
  run();
  EXPECT_EQ(ana.socket->all("user_left", "username"), (Texts{"\"bea\""}));
}

TEST_F(HubTest, TellsNobodyOfASocketThatNeverEntered) {
  auto ana = seat(kKitchen, kAna);
  auto turned_away = hold(kKitchen, kBea);
  turned_away.subscription.reset();
  run();
  EXPECT_TRUE(ana.socket->events().empty());
  EXPECT_EQ(hub_.online(kKitchen).size(), 1U);
}

TEST_F(HubTest, ListsWhoIsOnlineById) {
  auto bea = seat(kKitchen, kBea);
  auto ana = hold(kKitchen, kAna);
  const auto online = ana.subscription->enter();
  EXPECT_EQ(online.count, 2U);
  EXPECT_EQ(online.shown, (std::vector{kAna.id, kBea.id}));
  const auto cards = hub_.online(kKitchen);
  ASSERT_EQ(cards.size(), 2U);
  EXPECT_EQ(cards[0].username, "ana");
  EXPECT_EQ(cards[1].username, "bea");
  EXPECT_TRUE(hub_.online(kGarden).empty());
}

TEST_F(HubTest, TypingGoesToTheOthersAndMayBeDropped) {
  auto ana = seat(kKitchen, kAna, 0);
  auto ana_too = seat(kKitchen, kAna, 1);
  auto bea = seat(kKitchen, kBea, 1);
  ana.subscription->typing(true);
  run();
  EXPECT_EQ(bea.socket->all("typing", "typing"), (Texts{"true"}));
  ASSERT_FALSE(bea.socket->urgencies().empty());
  EXPECT_EQ(bea.socket->urgencies().back(), Urgency::kEphemeral);
  EXPECT_TRUE(ana.socket->all("typing", "typing").empty());
  EXPECT_TRUE(ana_too.socket->all("typing", "typing").empty());
}

TEST_F(HubTest, ClosesAMembersSocketsInThatRoomOnly) {
  auto ana = seat(kKitchen, kAna);
  auto bea = seat(kKitchen, kBea, 1);
  auto bea_in_the_garden = seat(kGarden, kBea);
  hub_.close_member(kKitchen, kBea.id);
  run();
  EXPECT_EQ(bea.socket->closed_with(), CloseCode::kRemoved);
  EXPECT_FALSE(ana.socket->closed_with());
  EXPECT_FALSE(bea_in_the_garden.socket->closed_with());
}

TEST_F(HubTest, SaysWhichSocketIsTooMuchForAUserOrARoom) {
  Hub small({loops_[0].get_executor()}, clock_, links_, {}, {.of_user = 1, .in_room = 1});
  auto place = small.admit(kAna.id);
  EXPECT_TRUE(place);
  EXPECT_FALSE(small.admit(kAna.id));
  EXPECT_TRUE(small.admit(kBea.id));
  place.reset();
  EXPECT_TRUE(small.admit(kAna.id));

  RecordingSocket socket(loops_[0].get_executor());
  auto first = small.subscribe({kKitchen, client_of(kAna)}, socket);
  EXPECT_FALSE(first->over_limit());
  EXPECT_TRUE(small.subscribe({kKitchen, client_of(kBea)}, socket)->over_limit());
  EXPECT_FALSE(small.subscribe({kGarden, client_of(kBea)}, socket)->over_limit());
  first.reset();
  EXPECT_FALSE(small.subscribe({kKitchen, client_of(kBea)}, socket)->over_limit());
}

TEST_F(HubTest, TellsTheOthersOfARemovalOnceAndAtOnce) {
  auto ana = seat(kKitchen, kAna);
  auto bea = seat(kKitchen, kBea, 1);
  run();
  hub_.close_member(kKitchen, kBea.id);
  run();
  EXPECT_EQ(ana.socket->all("user_left", "user_id"), (Texts{"11"}));
  bea.subscription.reset();
  run();
  EXPECT_EQ(ana.socket->all("user_left", "user_id"), (Texts{"11"}));
}

TEST_F(HubTest, ClosesASocketThatIsStillHolding) {
  auto bea = hold(kKitchen, kBea);
  hub_.close_member(kKitchen, kBea.id);
  run();
  EXPECT_EQ(bea.socket->closed_with(), CloseCode::kRemoved);
}

TEST_F(HubTest, ClosesEverySocketOfARoom) {
  auto ana = seat(kKitchen, kAna, 0);
  auto bea = seat(kKitchen, kBea, 1);
  auto outside = seat(kGarden, kBea, 1);
  hub_.close_room(kKitchen, {});
  run();
  EXPECT_EQ(ana.socket->closed_with(), CloseCode::kRoomGone);
  EXPECT_EQ(bea.socket->closed_with(), CloseCode::kRoomGone);
  EXPECT_FALSE(outside.socket->closed_with());
}

// A socket of all rooms: what it is told goes to the socket that it shares with its seats.
class Follower final : public SeatHolder {
 public:
  Follower(Hub& hub, Executor loop, UserCard user, SessionId session = SessionId(1))
      : hub_(hub), user_(std::move(user)), socket_(std::move(loop)) {
    attendance_ = hub_.attend(user_.id, session, socket_);
  }

  void follow(RoomId room) {
    seats_[room] = hub_.subscribe({room, client_of(user_), this}, socket_);
    EXPECT_TRUE(seats_[room]->go_live(Seq(0)));
  }
  void unseated(RoomId room) override {
    seats_.erase(room);
    lost_.push_back(room);
  }
  void admitted(RoomId room) override { admitted_.push_back(room); }

  const RecordingSocket& socket() const { return socket_; }
  const std::vector<RoomId>& lost() const { return lost_; }
  const std::vector<RoomId>& admitted_to() const { return admitted_; }

  std::vector<std::string> types() const {
    std::vector<std::string> found;
    for (const auto& event : socket_.events()) found.emplace_back(event.at("type").as_string());
    return found;
  }

 private:
  Hub& hub_;
  UserCard user_;
  RecordingSocket socket_;
  std::unique_ptr<Attendance> attendance_;
  std::map<RoomId, std::unique_ptr<Subscription>> seats_;
  std::vector<RoomId> lost_;
  std::vector<RoomId> admitted_;
};

User whole(const UserCard& card) {
  User user;
  user.id = card.id;
  user.username = card.username;
  user.email = card.username + "@example.test";
  return user;
}

OwnedRoom kitchen(bool is_private = false) {
  OwnedRoom kitchen;
  kitchen.room.id = kKitchen;
  kitchen.room.name = "cocina";
  kitchen.room.is_private = is_private;
  kitchen.room.owner = kAna.id;
  kitchen.owner = whole(kAna);
  return kitchen;
}

TEST_F(HubTest, ANewMemberIsToldOnEverySocketAndTheFollowersLearnOfIt) {
  Follower ana(hub_, loops_[0].get_executor(), kAna);
  Follower bea(hub_, loops_[0].get_executor(), kBea);
  Follower bea_too(hub_, loops_[1].get_executor(), kBea);
  auto old = seat(kKitchen, kAna);
  ana.follow(kKitchen);
  bea_too.follow(kKitchen);
  hub_.member_added(kKitchen, kitchen(), whole(kBea));
  run();
  EXPECT_EQ(bea.types(), (Texts{"membership"}));
  EXPECT_EQ(bea_too.types(), (Texts{"user_joined", "membership"}));
  EXPECT_EQ(bea_too.admitted_to(), (std::vector{kKitchen}));
  ASSERT_EQ(ana.types(), (Texts{"member_added"}));
  EXPECT_TRUE(ana.socket().events()[0].at("user").at("email").is_null());
  EXPECT_TRUE(bea.socket().events()[0].at("room").at("owner").at("email").is_null());
  EXPECT_TRUE(old.socket->events().empty());
}

TEST_F(HubTest, ARemovedMemberLosesTheSeatBeforeAnythingThatComesLater) {
  Follower ana(hub_, loops_[0].get_executor(), kAna);
  Follower bea(hub_, loops_[1].get_executor(), kBea);
  ana.follow(kKitchen);
  bea.follow(kKitchen);
  hub_.close_member(kKitchen, kBea.id);
  deliver({stored(kKitchen, 1)});
  run();
  EXPECT_EQ(bea.lost(), (std::vector{kKitchen}));
  EXPECT_EQ(bea.types(), (Texts{"membership"}));
  EXPECT_FALSE(bea.socket().closed_with());
  EXPECT_EQ(ana.types(), (Texts{"member_removed", "message"}));
}

TEST_F(HubTest, AChangedRoomIsToldToMembersAndFollowersOnce) {
  Follower ana(hub_, loops_[0].get_executor(), kAna);
  Follower bea(hub_, loops_[1].get_executor(), kBea);
  Follower stranger(hub_, loops_[1].get_executor(), {UserId(12), "eva", std::nullopt});
  ana.follow(kKitchen);
  bea.follow(kKitchen);
  hub_.room_changed(kitchen(), {kAna.id});
  run();
  EXPECT_EQ(ana.types(), (Texts{"room_updated"}));
  EXPECT_EQ(bea.types(), (Texts{"room_updated"}));
  EXPECT_TRUE(stranger.types().empty());
}

TEST_F(HubTest, ARoomThatBecomesPrivateIsLostToWhoIsNoMember) {
  Follower ana(hub_, loops_[0].get_executor(), kAna);
  Follower bea(hub_, loops_[1].get_executor(), kBea);
  ana.follow(kKitchen);
  bea.follow(kKitchen);
  hub_.room_changed(kitchen(true), {kAna.id});
  run();
  EXPECT_EQ(ana.types(), (Texts{"room_updated"}));
  EXPECT_TRUE(ana.lost().empty());
  EXPECT_EQ(bea.types(), (Texts{"membership"}));
  EXPECT_EQ(bea.lost(), (std::vector{kKitchen}));
}

TEST_F(HubTest, ADeletedRoomIsToldToMembersAndFollowersOnce) {
  Follower ana(hub_, loops_[0].get_executor(), kAna);
  Follower bea(hub_, loops_[1].get_executor(), kBea);
  Follower eva(hub_, loops_[1].get_executor(), {UserId(12), "eva", std::nullopt});
  ana.follow(kKitchen);
  eva.follow(kKitchen);
  hub_.close_room(kKitchen, {kBea.id, kAna.id});
  run();
  for (const auto* each : {&ana, &bea, &eva}) EXPECT_EQ(each->types(), (Texts{"room_deleted"}));
  EXPECT_EQ(ana.lost(), (std::vector{kKitchen}));
  EXPECT_EQ(eva.lost(), (std::vector{kKitchen}));
  EXPECT_FALSE(eva.socket().closed_with());
}

TEST_F(HubTest, ALoginThatEndsClosesASocketWithoutSeats) {
  Follower ana(hub_, loops_[1].get_executor(), kAna, SessionId(7));
  Follower other(hub_, loops_[1].get_executor(), kAna, SessionId(8));
  hub_.close_session(SessionId(7));
  run();
  EXPECT_EQ(ana.socket().closed_with(), CloseCode::kLoginEnded);
  EXPECT_FALSE(other.socket().closed_with());
}

TEST_F(HubTest, ClosesALoginsSocketsInEveryRoom) {
  auto kitchen = seat(kKitchen, kAna, 0, SessionId(7));
  auto garden = seat(kGarden, kAna, 1, SessionId(7));
  auto other_login = seat(kKitchen, kAna, 0, SessionId(8));
  hub_.close_session(SessionId(7));
  run();
  EXPECT_EQ(kitchen.socket->closed_with(), CloseCode::kLoginEnded);
  EXPECT_EQ(garden.socket->closed_with(), CloseCode::kLoginEnded);
  EXPECT_FALSE(other_login.socket->closed_with());
}

}  // namespace
}  // namespace izpo::realtime
