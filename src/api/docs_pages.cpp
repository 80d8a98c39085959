#include <fmt/format.h>

#include "api/accept.hpp"
#include "api/asyncapi.hpp"
#include "api/conditional.hpp"
#include "api/docs_assets.hpp"
#include "api/gzip.hpp"
#include "api/home_page.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"

// The pages that show the OpenAPI and the AsyncAPI document. Everything they load is in the binary; the
// policy on each page keeps the browser from asking anybody else.
namespace izpo::api {

namespace {

constexpr std::string_view kSwaggerPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>IzpoChat API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/start-swagger-ui.js"></script>
</body>
</html>
)";

constexpr std::string_view kStartSwagger = R"(SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
});
)";

constexpr std::string_view kRedocPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>IzpoChat API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="docs"></div>
<script src="/docs/assets/redoc.standalone.js"></script>
<script src="/docs/assets/start-redoc.js"></script>
</body>
</html>
)";

constexpr std::string_view kStartRedoc =
    R"(Redoc.init("/openapi.json", {nativeScrollbars: true}, document.getElementById("docs"));
)";

// Both libraries write styles into the page; ReDoc's search runs in a worker made from a blob.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

// The page of the events is plain HTML.
constexpr std::string_view kPlainPolicy =
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

struct AssetPath {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(AssetPath, (), (name))

Response text_response(std::string_view content_type, std::string_view body) {
  Response response;
  response.headers.add("Content-Type", std::string(content_type));
  response.headers.add("Cache-Control", "no-cache");
  response.body = body;
  return response;
}

Response page_response(std::string_view html, std::string_view policy = kPolicy) {
  Response response = text_response("text/html; charset=utf-8", html);
  response.headers.add("Content-Security-Policy", std::string(policy));
  return response;
}

Response asset_response(const DocsAsset& asset, const Headers& request) {
  // The checksum that ends a gzip file names its content.
  std::string etag = "W/\"";
  for (const char byte : asset.gzipped.substr(asset.gzipped.size() - 8)) {
    fmt::format_to(std::back_inserter(etag), "{:02x}", static_cast<unsigned char>(byte));
  }
  etag += '"';
  Response response;
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("ETag", etag);
  response.headers.add("Vary", "Accept-Encoding");
  if (is_unchanged(request, etag, {})) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(asset.content_type));
  if (quality_in(request.find("Accept-Encoding").value_or(""), "gzip") > 0) {
    response.headers.add("Content-Encoding", "gzip");
    response.body = asset.gzipped;
  } else {
    response.body = gunzip(asset.gzipped);
  }
  return response;
}

Task<Result<Response>> swagger(Call& /*call*/) {
  co_return page_response(kSwaggerPage);
}

Task<Result<Response>> redoc(Call& /*call*/) {
  co_return page_response(kRedocPage);
}

Task<Result<Response>> openapi(Call& call) {
  static const std::string document = openapi_document(call.routes);
  co_return text_response("application/json", document);
}

Task<Result<Response>> asyncapi(Call& /*call*/) {
  co_return text_response("application/json", asyncapi_document());
}

Task<Result<Response>> events(Call& /*call*/) {
  static const std::string page = events_page(asyncapi_document());
  co_return page_response(page, kPlainPolicy);
}

Task<Result<Response>> asset(Call& call, Path<AssetPath> path) {
  constexpr std::string_view kScript = "text/javascript; charset=utf-8";
  if (path->name == "start-swagger-ui.js") co_return text_response(kScript, kStartSwagger);
  if (path->name == "start-redoc.js") co_return text_response(kScript, kStartRedoc);
  constexpr std::string_view kStyle = "text/css; charset=utf-8";
  if (path->name == "home.css") co_return text_response(kStyle, home_style());
  if (path->name == "events.css") co_return text_response(kStyle, events_style());
  if (const auto found = find_docs_asset(path->name)) co_return asset_response(*found, call.request.headers);
  co_return fail(reason::kPathNotFound);
}

}  // namespace

void add_docs(Routes& routes) {
  const auto page = [](std::string_view name) {
    return Spec{.name = name, .tag = "server", .summary = {}, .auth = Auth::kNone, .documented = false};
  };
  routes.add(Method::kGet, "/docs", page("swagger_ui"), swagger);
  routes.add(Method::kGet, "/redoc", page("redoc"), redoc);
  routes.add(Method::kGet, "/openapi.json", page("openapi"), openapi);
  routes.add(Method::kGet, "/docs/events", page("events"), events);
  routes.add(Method::kGet, "/asyncapi.json", page("asyncapi"), asyncapi);
  routes.add(Method::kGet, "/docs/assets/{name}", page("docs_asset"), asset);
}

}  // namespace izpo::api
