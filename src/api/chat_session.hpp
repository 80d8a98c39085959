#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/chat_socket.hpp"
#include "api/language.hpp"
#include "base/error.hpp"
#include "domain/user.hpp"
#include "realtime/socket.hpp"
#include "services/messages.hpp"

namespace izpo::api {

// What the socket of one room and the socket of all rooms have in common: whose it is, posting with an ack,
// the answers to what is refused.
class ChatSession : public realtime::SocketHandler {
 public:
  Task<> opened(realtime::Socket& socket) final;
  Task<> binary(std::string_view message) final;
  void restarting(std::chrono::milliseconds delay) final;
  void closed() override;

 protected:
  ChatSession(const ChatSockets::Ports& ports, std::optional<std::string> token, Language language,
              std::string base_url)
      : ports_(ports),
        arrival_(std::make_unique<Arrival>(std::move(token), std::move(base_url))),
        language_(language) {}

  // Between the two looks at the token (see opened()): take the seat by which a logout finds the socket.
  virtual Task<Result<void>> take_place() = 0;

  // The caller is known and stays known: begin.
  virtual Task<Result<void>> begin() = 0;

  // An error from here on turns the socket away: gives up the place.
  virtual void leave_place() = 0;

  // Gives up the place, says why, and closes.
  void turn_away(const Error& error);

  void post(RoomId room, services::MessageDraft draft);

  // Back-pressure: returns when so few messages of this socket wait for the disk that the next may be read.
  Task<> some_stored();

  void pong();
  void say(const std::string& json);
  void refuse(const Error& error, const std::optional<std::string>& client_id = std::nullopt,
              std::optional<RoomId> room = std::nullopt);

  realtime::Socket& socket() const { return *socket_; }
  const std::shared_ptr<const realtime::Client>& client() const { return client_; }
  const UserCard& user() const { return client_->user; }
  Language language() const { return language_; }
  Timestamp now() const { return ports_.clock.now(); }
  const ChatSockets::Ports& ports() const { return ports_; }

  // Expired: closed() was called, and nothing of this object may be touched any more.
  std::weak_ptr<const void> alive() const { return alive_; }

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  // What the upgrade request said.
  struct Arrival {
    std::optional<std::string> token;
    std::string base_url;
  };

  Task<Result<void>> open();
  void refuse_message(const Error& error, const std::optional<std::string>& client_id, RoomId room);

  const ChatSockets::Ports& ports_;
  realtime::Socket* socket_ = nullptr;              // from opened() on
  std::unique_ptr<Arrival> arrival_;                // until it was looked at
  std::shared_ptr<const realtime::Client> client_;  // from take_place() on
  Language language_;
  std::optional<realtime::Hub::SocketPlace> place_;
  int in_flight_ = 0;
  int refusals_ = 0;               // see kMaxRefusals
  std::unique_ptr<Timer> stored_;  // cancelled when a message was stored; made when first needed
  std::shared_ptr<const void> alive_ = std::make_shared<char>();
};

}  // namespace izpo::api
