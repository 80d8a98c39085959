#pragma once

#include <string>
#include <vector>

#include "api/web_client.hpp"
#include "ports/file_links.hpp"
#include "services/accounts.hpp"
#include "services/files.hpp"
#include "services/messages.hpp"
#include "services/rooms.hpp"
#include "services/sessions.hpp"
#include "services/thumbnails.hpp"

namespace izpo::api {

class ChatSockets;

// What the operations call. All of it outlives the Api.
struct Services {
  services::Sessions& sessions;
  services::Accounts& accounts;
  services::Rooms& rooms;
  services::Messages& messages;
  services::Files& files;
  services::Thumbnails& thumbnails;
  const FileLinks& links;
  const ChatSockets& chat_sockets;
};

struct Options {
  std::string app_name = "IzpoChat";
  std::string version = IZPO_VERSION;
  std::vector<std::string> allowed_origins = {};  // see api/cors
  std::string public_url = {};                    // where links start; empty: where the client came in
  std::string static_directory = "static";        // served under /static/
  bool access_log = true;                         // one line a request, at info
  WebClient web_client = {};                      // empty: a page about the server instead
};

}  // namespace izpo::api
