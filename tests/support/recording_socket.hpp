#pragma once

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/use_task.hpp"
#include "realtime/hub.hpp"
#include "realtime/socket.hpp"

namespace izpo::testing {

// Whose a socket is, for its seats.
inline std::shared_ptr<const realtime::Client> client_of(UserCard user, SessionId session = SessionId(1)) {
  return std::make_shared<const realtime::Client>(std::move(user), session);
}

// A socket that remembers what it was sent.
class RecordingSocket final : public realtime::Socket {
 public:
  explicit RecordingSocket(Executor loop) : loop_(std::move(loop)) {}

  void send(realtime::SharedEvent event, realtime::Urgency urgency) override {
    if (closed_with_) return;
    ++frames_;
    for (std::string_view rest = event->plain(); !rest.empty();) {
      // A server's text frame: two header bytes, four with 16-bit length (RFC 6455 §5.2).
      const auto byte = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(rest[at])}; };
      const bool is_long = byte(1) == 126;
      const std::size_t size = is_long ? byte(2) << 8U | byte(3) : byte(1);
      rest.remove_prefix(is_long ? 4 : 2);
      events_.push_back(boost::json::parse(rest.substr(0, size)).as_object());
      urgencies_.push_back(urgency);
      rest.remove_prefix(size);
    }
  }

  void close(realtime::CloseCode code, std::string_view) override {
    if (!closed_with_) closed_with_ = code;
  }

  // What happens whenever somebody waits for the socket to be drained. The waiting one goes on after it.
  void after_each(std::function<void()> happen) { after_each_ = std::move(happen); }

  Task<> drained() override {
    if (!after_each_) co_return;
    after_each_();
    co_await boost::asio::post(loop_, kUseTask);
  }
  bool closing() const override { return closed_with_.has_value(); }
  Executor executor() const override { return loop_; }

  const std::vector<boost::json::object>& events() const { return events_; }
  const std::vector<realtime::Urgency>& urgencies() const { return urgencies_; }
  std::size_t frames() const { return frames_; }  // joined ones count once
  std::optional<realtime::CloseCode> closed_with() const { return closed_with_; }

  // One field of every event of that type, in order, as JSON text.
  std::vector<std::string> all(std::string_view type, std::string_view field) const {
    std::vector<std::string> found;
    for (const auto& event : events_) {
      if (event.at("type").as_string() == type) found.push_back(boost::json::serialize(event.at(field)));
    }
    return found;
  }

 private:
  Executor loop_;
  std::size_t frames_ = 0;
  std::function<void()> after_each_;
  std::vector<boost::json::object> events_;
  std::vector<realtime::Urgency> urgencies_;
  std::optional<realtime::CloseCode> closed_with_;
};

}  // namespace izpo::testing
