#include "api/web_client.hpp"

#include <algorithm>
#include <string>

#include "api/accept.hpp"
#include "api/conditional.hpp"
#include "api/gzip.hpp"

namespace izpo::api {

namespace {

constexpr std::string_view kPage = "index.html";

// Everything comes from this server, and no script from within the page. Styles are let in because the
// components set them on elements; `connect-src 'self'` covers the WebSocket (CSP Level 3 §6.7.2.8).
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

// The name of a file below assets/ has a hash of its content, so it never changes.
constexpr std::string_view kForever = "public, max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "no-cache";

void set_body(Response& response, const WebAsset& asset, const Headers& request) {
  const std::string_view accepted = request.find("Accept-Encoding").value_or("");
  if (quality_in(accepted, "br") > 0) {
    response.headers.add("Content-Encoding", "br");
    response.body = asset.brotli;
  } else if (quality_in(accepted, "gzip") > 0) {
    response.headers.add("Content-Encoding", "gzip");
    response.body = asset.gzipped;
  } else {
    response.body = gunzip(asset.gzipped);
  }
}

}  // namespace

bool wants_page(const Headers& request) {
  const std::string_view accept = request.find("Accept").value_or("");
  const int page = quality_in(accept, "text/html");
  return page > 0 && page >= quality_in(accept, "application/json");
}

std::optional<Response> web_file(WebClient client, std::string_view path, const Headers& request) {
  const auto found = std::ranges::find(client, path, &WebAsset::path);
  if (found == client.end()) return std::nullopt;
  const bool is_page = path == kPage;
  Response response;
  response.headers.add("Cache-Control", std::string(is_page ? kAskAgain : kForever));
  response.headers.add("ETag", std::string(found->etag));
  response.headers.add("Vary", is_page ? "Accept, Accept-Encoding" : "Accept-Encoding");
  if (is_unchanged(request, found->etag, {})) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(found->content_type));
  if (is_page) response.headers.add("Content-Security-Policy", std::string(kPolicy));
  set_body(response, *found, request);
  return response;
}

std::optional<Response> web_page(WebClient client, const Request& request, std::string_view path) {
  const bool reads = request.method == Method::kGet || request.method == Method::kHead;
  const bool is_api = path == "/api" || path.starts_with("/api/");
  if (!reads || is_api || !wants_page(request.headers)) return std::nullopt;
  return web_file(client, kPage, request.headers);
}

}  // namespace izpo::api
