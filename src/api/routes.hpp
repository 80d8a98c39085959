#pragma once

#include "api/route.hpp"

namespace izpo::api {

// The whole API. Each group stands in the file of its name.
Routes make_routes();

void add_meta(Routes& routes);
void add_docs(Routes& routes);
void add_accounts(Routes& routes);
void add_logins(Routes& routes);
void add_rooms(Routes& routes);
void add_members(Routes& routes);
void add_messages(Routes& routes);
void add_files(Routes& routes);
void add_uploads(Routes& routes);
void add_downloads(Routes& routes);
void add_online(Routes& routes);
void add_socket(Routes& routes);

}  // namespace izpo::api
