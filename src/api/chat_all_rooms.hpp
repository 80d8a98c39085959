#pragma once

#include <memory>

#include "api/chat_socket.hpp"

namespace izpo::api {

// The socket of all rooms, `GET /api/ws`.
std::unique_ptr<realtime::SocketHandler> chat_of_all_rooms(const ChatSockets::Ports& ports,
                                                           AllRoomsRequest request);

}  // namespace izpo::api
