#include "api/chat_room_feed.hpp"

#include <optional>

#include "ports/page.hpp"
#include "realtime/events.hpp"

namespace izpo::api {
namespace events = realtime::events;

Task<Result<Seq>> RoomFeed::send_missed(realtime::Socket& socket, Seq sent) {
  for (bool more = true; more && !ended();) {
    IZPO_CO_TRY(const auto missed, co_await ports_.messages.replay(room_, sent, kMaxPageSize));
    for (const auto& [message, sender, file] : missed.messages) {
      if (ended() || socket.closing()) co_return sent;
      std::optional<File> linked;
      if (file) linked = with_link(*file, ports_.links, client_->base_url);
      const bool is_new = message.seq > sent;
      socket.send(realtime::text_frame(
                      is_new ? events::message(message, card_of(sender), linked)
                             : events::message_updated(message, card_of(sender), linked, ports_.clock.now())),
                  realtime::Urgency::kKept);
      // After each: a page of the longest messages is larger than the outbox.
      co_await socket.drained();
    }
    sent = missed.up_to;
    more = missed.more;
  }
  co_return sent;
}

Task<Result<void>> RoomFeed::go_live(realtime::Socket& socket, Seq sent) {
  while (!ended() && !seat_->go_live(sent)) {
    IZPO_CO_TRY(sent, co_await send_missed(socket, sent));
  }
  co_return Result<void>();
}

}  // namespace izpo::api
