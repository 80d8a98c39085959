#include "api/chat_all_rooms.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "support/api_fixture.hpp"
#include "support/recording_socket.hpp"

// What may happen while a room comes up to date. The socket of these tests lets something happen after each
// message that it is sent.
namespace izpo::api {
namespace {

using izpo::testing::RecordingSocket;
using Texts = std::vector<std::string>;

class ChatOfAllRoomsTest : public izpo::testing::ApiFixture {
 protected:
  ChatOfAllRoomsTest() {
    ana_ = caller_of("ana");
    room_ = make_room();
    for (int n = 1; n <= 5; ++n) store("mensaje " + std::to_string(n));
    handler_ = sockets_.accept(AllRoomsRequest{.token = log_in("ana").value().access_token,
                                               .connection_id = "c0",
                                               .language = Language::kEnglish,
                                               .base_url = {}});
    run(handler_->opened(socket_));
  }
  ~ChatOfAllRoomsTest() override {
    if (handler_) handler_->closed();
  }

  Principal caller_of(std::string name) {
    add_user(name);
    return caller(std::move(name));
  }

  RoomId make_room() {
    return izpo::testing::run_task(loop_, store_->rooms().create({.name = "sala",
                                                                  .description = std::nullopt,
                                                                  .is_private = true,
                                                                  .owner = ana_.user.id,
                                                                  .created_at = clock_.now()}))
        .value()
        .id;
  }

  // In the store only, as what was posted while nobody was there.
  AppendOutcome store(std::string content) {
    std::vector<PendingMessage> batch;
    batch.push_back({.room = room_,
                     .sender = ana_.user.id,
                     .content = std::move(content),
                     .client_id = std::nullopt,
                     .file = std::nullopt});
    return izpo::testing::run_task(loop_, store_->messages().append(std::move(batch), clock_.now()))
        .value()[0];
  }

  // Shown to everybody, as a batch that was just committed.
  void show(std::int64_t seq) {
    auto outcome = AppendedMessage{.message = {.id = MessageId(seq),
                                               .room = room_,
                                               .sender = ana_.user.id,
                                               .seq = Seq(seq),
                                               .content = "en vivo",
                                               .client_id = std::nullopt,
                                               .file = std::nullopt,
                                               .created_at = clock_.now()},
                                   .sender = card_of(ana_.user),
                                   .file = std::nullopt,
                                   .repeat = false};
    const std::vector<AppendOutcome> batch{outcome};
    here_.deliver(here_.encode(batch));
  }

  void run(Task<> task) {
    boost::asio::co_spawn(loop_, std::move(task), boost::asio::detached);
    loop_.restart();
    loop_.run();
  }

  void subscribe(std::string_view position = R"(,"after_seq":0)") {
    const auto text = R"({"type":"subscribe","rooms":[{"room_id":)" + std::to_string(room_.value) +
                      std::string(position) + "}]}";
    run(handler_->text(text));
  }

  Texts types() const {
    Texts found;
    for (const auto& event : socket_.events()) found.emplace_back(event.at("type").as_string());
    return found;
  }

  boost::asio::io_context loop_;
  realtime::Hub here_{{loop_.get_executor()}, clock_, links_};
  TaskGroup tasks_;
  ChatSockets sockets_{{.sessions = *sessions_,
                        .access = access_,
                        .messages = messages_,
                        .hub = here_,
                        .links = links_,
                        .clock = clock_,
                        .tasks = tasks_,
                        .epoch = "epoch"}};
  Principal ana_;
  RoomId room_;
  RecordingSocket socket_{loop_.get_executor()};
  std::unique_ptr<realtime::SocketHandler> handler_;
};

TEST_F(ChatOfAllRoomsTest, WhatComesMeanwhileFollowsOnce) {
  int sent = 0;
  socket_.after_each([&] {
    if (++sent == 2) show(5);
    if (sent == 3) show(6);
  });
  subscribe();
  EXPECT_EQ(socket_.all("message", "seq"), (Texts{"1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(types(), (Texts{"hello", "message", "message", "message", "message", "message", "subscribed",
                            "users_online", "message"}));
  EXPECT_EQ(socket_.all("subscribed", "up_to"), Texts{"5"});
}

TEST_F(ChatOfAllRoomsTest, ARemovalEndsTheReplay) {
  int sent = 0;
  socket_.after_each([&] {
    if (++sent == 2) here_.close_member(room_, ana_.user.id);
  });
  subscribe();
  show(6);
  loop_.restart();
  loop_.run();
  EXPECT_EQ(types(), (Texts{"hello", "message", "message", "subscribed", "membership"}));
  EXPECT_EQ(socket_.all("subscribed", "status"), Texts{R"("forbidden")"});
}

TEST_F(ChatOfAllRoomsTest, UnsubscribingEndsTheReplayWithoutAnAnswer) {
  const auto text = R"({"type":"unsubscribe","room_ids":[)" + std::to_string(room_.value) + "]}";
  int sent = 0;
  socket_.after_each([&] {
    if (++sent == 2) boost::asio::co_spawn(loop_, handler_->text(text), boost::asio::detached);
  });
  subscribe();
  EXPECT_EQ(types(), (Texts{"hello", "message", "message"}));
}

TEST_F(ChatOfAllRoomsTest, SubscribingAgainBeginsAgain) {
  const auto text =
      R"({"type":"subscribe","rooms":[{"room_id":)" + std::to_string(room_.value) + R"(,"after_seq":3}]})";
  int sent = 0;
  socket_.after_each([&] {
    if (++sent == 2) boost::asio::co_spawn(loop_, handler_->text(text), boost::asio::detached);
  });
  subscribe();
  EXPECT_EQ(socket_.all("message", "seq"), (Texts{"1", "2", "4", "5"}));
  EXPECT_EQ(socket_.all("subscribed", "up_to"), Texts{"5"});
}

TEST_F(ChatOfAllRoomsTest, ASocketThatEndsTakesItsReplayWithIt) {
  int sent = 0;
  socket_.after_each([&] {
    if (++sent == 2) {
      handler_->closed();
      handler_.reset();
    }
  });
  subscribe();
  EXPECT_EQ(types(), (Texts{"hello", "message", "message"}));
  EXPECT_EQ(tasks_.running(), 0U);
}

TEST_F(ChatOfAllRoomsTest, APositionBeyondOrOfAnotherLineageIsTruncated) {
  subscribe(R"(,"after_seq":6)");
  subscribe(R"(,"after_seq":2,"epoch":"another")");
  EXPECT_EQ(socket_.all("subscribed", "reset"), (Texts{"true", "true"}));
  EXPECT_EQ(socket_.all("subscribed", "from_seq"), (Texts{"1", "1"}));
  EXPECT_TRUE(socket_.all("message", "seq").empty());
}

}  // namespace
}  // namespace izpo::api
