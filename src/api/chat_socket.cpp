#include "api/chat_socket.hpp"

#include <utility>

#include "api/chat_all_rooms.hpp"
#include "api/chat_one_room.hpp"

namespace izpo::api {

std::unique_ptr<realtime::SocketHandler> ChatSockets::accept(ChatSocketRequest request) const {
  return chat_of_one_room(ports_, std::move(request));
}

std::unique_ptr<realtime::SocketHandler> ChatSockets::accept(AllRoomsRequest request) const {
  return chat_of_all_rooms(ports_, std::move(request));
}

}  // namespace izpo::api
