#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "api/http_types.hpp"

// The chat in the browser: the files that web/ is built to, served from the program itself.
namespace izpo::api {

// A file of the web client, as it is in the program.
struct WebAsset {
  std::string_view path;  // below the root: "index.html", "assets/index-B3x9.js"
  std::string_view content_type;
  std::string_view etag;  // names the content, quotes included
  std::string_view brotli;
  std::string_view gzipped;
};

using WebClient = std::span<const WebAsset>;

// What the build put into the program; empty when it was configured with IZPO_WEB=OFF. Defined beside main()
// only, so that nothing else of the project needs web/ to be built.
WebClient embedded_web_client();

// A browser names text/html before anything else; every other client gets JSON.
bool wants_page(const Headers& request);

// The client's page, if there is a client and the request may be for one of its views ("/rooms/7"): a GET or
// HEAD by a browser for a path outside of /api/. For paths that no operation has.
std::optional<Response> web_page(WebClient client, const Request& request, std::string_view path);

// A file of the client by its path; nullopt when there is none.
std::optional<Response> web_file(WebClient client, std::string_view path, const Headers& request);

}  // namespace izpo::api
