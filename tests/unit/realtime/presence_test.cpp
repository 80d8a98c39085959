#include "realtime/presence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fixed_clock.hpp"

namespace izpo::realtime {
namespace {

using namespace std::chrono_literals;
using izpo::testing::FixedClock;
using Texts = std::vector<std::string>;

constexpr RoomId kKitchen(1);
constexpr RoomId kGarden(2);
const auto kAna = std::make_shared<const UserCard>(UserId(10), "ana", "Ana Inventada");
const auto kBea = std::make_shared<const UserCard>(UserId(11), "bea", std::nullopt);

SharedCard somebody(std::int64_t id) {
  return std::make_shared<const UserCard>(UserId(id), "persona" + std::to_string(id), std::nullopt);
}

class PresenceTest : public ::testing::Test {
 protected:
  // What was told since the last call, as "room:type user", "room:users_online shown/count".
  Texts told() { return std::exchange(told_, {}); }

  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= kStep) presence_.advance(now_ += kStep);
  }

  // `count` people from id 1000 on, and all that is told of them.
  std::vector<Presence::Ticket> fill(std::int64_t count) {
    std::vector<Presence::Ticket> tickets;
    for (std::int64_t i = 0; i < count; ++i) {
      tickets.push_back(presence_.enter(kKitchen, somebody(1000 + i)).ticket);
    }
    pass(10s);
    told();
    return tickets;
  }

  static constexpr std::chrono::milliseconds kStep{250};
  static constexpr std::chrono::milliseconds kSlack = 2 * kStep;  // within which a deadline passes

  void tell(RoomId room, const std::vector<Presence::Notice>& notices) {
    for (const auto& [json, except] : notices) {
      const auto event = boost::json::parse(json).as_object();
      EXPECT_EQ(event.at("room_id").as_int64(), room.value);
      const std::string type(event.at("type").as_string());
      std::string text = std::to_string(room.value) + ":" + type + " ";
      if (type == "users_online") {
        EXPECT_EQ(except, UserId(0));
        text += std::to_string(event.at("users").as_array().size()) + "/" +
                std::to_string(event.at("count").as_int64());
        EXPECT_EQ(event.contains("truncated"), event.at("count").as_int64() > 500);
      } else {
        EXPECT_EQ(event.at("user_id").as_int64(), except.value) << "never to the user's own sockets";
        text += event.at("username").as_string();
        if (type == "typing") text += event.at("typing").as_bool() ? " yes" : " no";
      }
      told_.push_back(std::move(text));
    }
  }

  FixedClock clock_;
  TimerWheel::Clock::time_point now_{1h};
  Texts told_;
  Presence presence_{{}, clock_, now_, [this](RoomId room, const std::vector<Presence::Notice>& notices) {
                       tell(room, notices);
                     }};
};

TEST_F(PresenceTest, SaysWhoComesAtOnceAndWhoGoesAfterTheGrace) {
  const auto ana = presence_.enter(kKitchen, kAna);
  EXPECT_EQ(ana.online.shown, (std::vector{kAna->id}));
  EXPECT_EQ(told(), (Texts{"1:user_joined ana"}));
  presence_.leave(kKitchen, kAna->id, ana.ticket);
  pass(5s - kStep);
  EXPECT_EQ(told(), Texts{});
  EXPECT_EQ(presence_.online(kKitchen).size(), 1U) << "still counted";
  pass(kStep + kSlack);
  EXPECT_EQ(told(), (Texts{"1:user_left ana"}));
  EXPECT_TRUE(presence_.online(kKitchen).empty());
}

TEST_F(PresenceTest, AReconnectWithinTheGraceIsNotTold) {
  auto ticket = presence_.enter(kKitchen, kAna).ticket;
  told();
  for (int i = 0; i < 20; ++i) {
    presence_.leave(kKitchen, kAna->id, ticket);
    pass(4s);
    ticket = presence_.enter(kKitchen, kAna).ticket;
  }
  pass(1min);
  EXPECT_EQ(told(), Texts{});
}

TEST_F(PresenceTest, AnotherSocketKeepsOneOnline) {
  const auto phone = presence_.enter(kKitchen, kAna).ticket;
  const auto laptop = presence_.enter(kKitchen, kAna);
  EXPECT_EQ(laptop.online.count, 1U) << "people, not sockets";
  told();
  presence_.leave(kKitchen, kAna->id, phone);
  pass(1min);
  EXPECT_EQ(told(), Texts{});
  presence_.leave(kKitchen, kAna->id, laptop.ticket);
  pass(5s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:user_left ana"}));
}

TEST_F(PresenceTest, RoomsAreCountedApart) {
  const auto kitchen = presence_.enter(kKitchen, kAna).ticket;
  (void)presence_.enter(kGarden, kAna);
  presence_.leave(kKitchen, kAna->id, kitchen);
  pass(5s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:user_joined ana", "2:user_joined ana", "1:user_left ana"}));
}

TEST_F(PresenceTest, ARemovalIsToldAtOnceAndItsSocketsCountNoMore) {
  const auto before = presence_.enter(kKitchen, kAna).ticket;
  presence_.remove(kKitchen, kAna->id);
  EXPECT_EQ(told(), (Texts{"1:user_joined ana", "1:user_left ana"}));
  const auto after = presence_.enter(kKitchen, kAna).ticket;
  EXPECT_EQ(told(), (Texts{"1:user_joined ana"}));
  presence_.typing(kKitchen, kAna->id, before, true);
  presence_.leave(kKitchen, kAna->id, before);
  pass(1min);
  EXPECT_EQ(told(), Texts{}) << "the old socket's end is not the new one's";
  presence_.leave(kKitchen, kAna->id, after);
  pass(5s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:user_left ana"}));
}

TEST_F(PresenceTest, ARemovedRoomTellsNobody) {
  const auto ana = presence_.enter(kKitchen, kAna).ticket;
  const auto bea = presence_.enter(kKitchen, kBea).ticket;
  presence_.leave(kKitchen, kBea->id, bea);
  told();
  presence_.remove_room(kKitchen);
  presence_.leave(kKitchen, kAna->id, ana);
  pass(1min);
  EXPECT_EQ(told(), Texts{});
  EXPECT_TRUE(presence_.online(kKitchen).empty());
}

TEST_F(PresenceTest, ALargeRoomIsToldInBatches) {
  const auto tickets = fill(150);
  (void)presence_.enter(kKitchen, kAna);
  (void)presence_.enter(kKitchen, kBea);
  presence_.leave(kKitchen, UserId(1000), tickets[0]);
  pass(1s - kStep);
  EXPECT_EQ(told(), Texts{}) << "collected";
  pass(kStep + kSlack);
  EXPECT_EQ(told(), (Texts{"1:user_joined ana", "1:user_joined bea"}));
  pass(6s);
  EXPECT_EQ(told(), (Texts{"1:user_left persona1000"}));
}

TEST_F(PresenceTest, WhatCancelsOutWithinABatchIsNotTold) {
  fill(150);
  (void)presence_.enter(kKitchen, kAna);
  presence_.remove(kKitchen, kAna->id);
  presence_.remove(kKitchen, UserId(1000));
  (void)presence_.enter(kKitchen, somebody(1000));
  pass(1min);
  EXPECT_EQ(told(), Texts{});
}

TEST_F(PresenceTest, AVeryLargeRoomIsToldHowManyAndAWholeListWhenItFitsAgain) {
  fill(499);
  for (std::int64_t i = 0; i < 3; ++i) (void)presence_.enter(kKitchen, somebody(1 + i));
  pass(3s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:users_online 500/502"}));
  presence_.remove(kKitchen, UserId(1));
  presence_.remove(kKitchen, UserId(2));
  pass(3s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:users_online 500/500"})) << "nobody has had all names";
  presence_.remove(kKitchen, UserId(3));
  pass(3s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:user_left persona3"}));
}

TEST_F(PresenceTest, AnEnormousRoomIsToldLessOften) {
  fill(6500);
  (void)presence_.enter(kKitchen, kAna);
  pass(6s - kStep);
  EXPECT_EQ(told(), Texts{});
  pass(kStep + kSlack);
  EXPECT_EQ(told(), (Texts{"1:users_online 500/6501"}));
}

TEST_F(PresenceTest, AListShowsTheLowestIdsAndTheTrueCount) {
  fill(700);
  const auto list = presence_.enter(kKitchen, somebody(5)).online;
  EXPECT_EQ(list.count, 701U);
  ASSERT_EQ(list.shown.size(), kOnlineShown);
  EXPECT_EQ(list.shown.front(), UserId(5));
  EXPECT_EQ(list.shown.back(), UserId(1498));
  EXPECT_EQ(presence_.online(kKitchen).size(), 701U);
}

TEST_F(PresenceTest, TypingEndsByItself) {
  const auto ana = presence_.enter(kKitchen, kAna).ticket;
  told();
  presence_.typing(kKitchen, kAna->id, ana, true);
  EXPECT_EQ(told(), (Texts{"1:typing ana yes"}));
  pass(6s - kStep);
  EXPECT_EQ(told(), Texts{});
  pass(kStep + kSlack);
  EXPECT_EQ(told(), (Texts{"1:typing ana no"}));
}

TEST_F(PresenceTest, TypingEndsWithItsSocketNotWithAnother) {
  const auto phone = presence_.enter(kKitchen, kAna).ticket;
  const auto laptop = presence_.enter(kKitchen, kAna).ticket;
  told();
  presence_.typing(kKitchen, kAna->id, laptop, true);
  presence_.leave(kKitchen, kAna->id, phone);
  EXPECT_EQ(told(), (Texts{"1:typing ana yes"}));
  presence_.leave(kKitchen, kAna->id, laptop);
  EXPECT_EQ(told(), (Texts{"1:typing ana no"})) << "at once; the user is still online";
}

TEST_F(PresenceTest, RenewedTypingIsToldNowAndThen) {
  const auto ana = presence_.enter(kKitchen, kAna).ticket;
  told();
  for (int i = 0; i < 40; ++i) {  // ten seconds of a key every quarter
    presence_.typing(kKitchen, kAna->id, ana, true);
    pass(kStep);
  }
  EXPECT_EQ(told(), (Texts{"1:typing ana yes", "1:typing ana yes", "1:typing ana yes", "1:typing ana yes"}));
  pass(5s);
  EXPECT_EQ(told(), Texts{});
  pass(1s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:typing ana no"}));
}

TEST_F(PresenceTest, AFloodOfTypingCostsTheOthersTwoEventsASecond) {
  const auto ana = presence_.enter(kKitchen, kAna).ticket;
  told();
  for (int i = 0; i < 1000; ++i) presence_.typing(kKitchen, kAna->id, ana, i % 2 == 0);
  EXPECT_EQ(told(), (Texts{"1:typing ana yes", "1:typing ana no"}));
}

TEST_F(PresenceTest, InALargeRoomPeopleBeginToTypeOneAfterTheOther) {
  const auto tickets = fill(600);
  for (std::int64_t i = 0; i < 20; ++i) {
    presence_.typing(kKitchen, UserId(1000 + i), tickets[static_cast<std::size_t>(i)], true);
  }
  EXPECT_EQ(told(), (Texts{"1:typing persona1000 yes"}));
  pass(2s);
  EXPECT_EQ(told().size(), 4U) << "two a second, while they still type";
  pass(1min);
  const auto rest = told();
  const auto stopped = std::ranges::count_if(rest, [](const auto& text) { return text.ends_with(" no"); });
  EXPECT_GE(stopped, 5);
  EXPECT_EQ(stopped, 5 + (std::ssize(rest) - stopped)) << "who was shown has stopped, nobody else";
  presence_.typing(kKitchen, UserId(1019), tickets[19], true);
  EXPECT_EQ(told(), (Texts{"1:typing persona1019 yes"}));
}

TEST_F(PresenceTest, WhoTypesOnAfterAPauseIsShownALittleLater) {
  const auto ana = presence_.enter(kKitchen, kAna).ticket;
  told();
  presence_.typing(kKitchen, kAna->id, ana, true);
  presence_.typing(kKitchen, kAna->id, ana, false);
  presence_.typing(kKitchen, kAna->id, ana, true);
  EXPECT_EQ(told(), (Texts{"1:typing ana yes", "1:typing ana no"}));
  pass(1s + kSlack);
  EXPECT_EQ(told(), (Texts{"1:typing ana yes"}));
  pass(6s);
  EXPECT_EQ(told(), (Texts{"1:typing ana no"}));
}

TEST_F(PresenceTest, WhoIsRemovedWhileTypingHasStopped) {
  const auto ana = presence_.enter(kKitchen, kAna).ticket;
  presence_.typing(kKitchen, kAna->id, ana, true);
  told();
  presence_.remove(kKitchen, kAna->id);
  EXPECT_EQ(told(), (Texts{"1:typing ana no", "1:user_left ana"}));
  pass(1min);
  EXPECT_EQ(told(), Texts{});
}

TEST(PresenceWithoutGrace, SaysWhoGoesAtOnce) {
  const FixedClock clock;
  int told = 0;
  Presence presence({.grace = {}}, clock, {}, [&](RoomId, const std::vector<Presence::Notice>&) { ++told; });
  const auto ana = presence.enter(kKitchen, kAna).ticket;
  presence.leave(kKitchen, kAna->id, ana);
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace izpo::realtime
