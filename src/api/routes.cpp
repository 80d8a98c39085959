#include "api/routes.hpp"

namespace izpo::api {

Routes make_routes() {
  Routes routes;
  add_meta(routes);
  add_docs(routes);
  add_logins(routes);
  add_accounts(routes);
  add_rooms(routes);
  add_members(routes);
  add_messages(routes);
  add_files(routes);
  add_uploads(routes);
  add_downloads(routes);
  add_online(routes);
  add_socket(routes);
  return routes;
}

}  // namespace izpo::api
