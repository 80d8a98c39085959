#pragma once

#include <memory>

#include "api/chat_socket.hpp"

namespace izpo::api {

// The socket of one room, `GET /api/ws/{room_id}`.
std::unique_ptr<realtime::SocketHandler> chat_of_one_room(const ChatSockets::Ports& ports,
                                                          ChatSocketRequest request);

}  // namespace izpo::api
