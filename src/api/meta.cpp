#include "api/home_page.hpp"
#include "api/routes.hpp"
#include "api/static_files.hpp"
#include "api/texts.hpp"
#include "api/web_client.hpp"

namespace izpo::api {

namespace {

struct StatusJson {
  std::string message;
  std::string version;
  std::string docs = "/docs";
  std::string status = "running";

  static constexpr std::string_view kName = "Status";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(StatusJson, (), (message, version, docs, status))

struct HealthJson {
  std::string status = "healthy";
  std::string service;

  static constexpr std::string_view kName = "Health";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{schema::Rule{.field = "status", .example = R"("healthy")"},
                                     schema::Rule{.field = "service", .example = R"("IzpoChat")"}};
};
BOOST_DESCRIBE_STRUCT(HealthJson, (), (status, service))

struct StaticPath {
  std::string file;
};
BOOST_DESCRIBE_STRUCT(StaticPath, (), (file))

Task<Result<std::variant<StatusJson, Response>>> root(Call& call) {
  if (auto page = web_page(call.options.web_client, call.request, "/")) co_return *std::move(page);
  if (wants_page(call.request.headers)) co_return home_page(call.options, call.language);
  co_return StatusJson{.message = std::string(sentence(Phrase::kRunning, call.language)),
                       .version = call.options.version};
}

Task<Result<HealthJson>> health(Call& call) {
  co_return HealthJson{.service = call.options.app_name};
}

Task<Result<Response>> web_asset(Call& call, Path<StaticPath> path) {
  if (auto file = web_file(call.options.web_client, "assets/" + path->file, call.request.headers))
    co_return *std::move(file);
  co_return fail(reason::kPathNotFound);
}

Task<Result<Response>> serve_static(Call& call, Path<StaticPath> path) {
  co_return co_await call.disk.run(
      [&] { return static_file(call.options.static_directory, path->file, call.request.headers); });
}

}  // namespace

void add_meta(Routes& routes) {
  routes.add(Method::kGet, "/",
             {.name = "root",
              .tag = "server",
              .summary = "What this server is",
              .description = "With `Accept: text/html`: the web client.",
              .auth = Auth::kNone},
             root);
  routes.add(Method::kGet, "/health",
             {.name = "health", .tag = "server", .summary = "Whether it is well", .auth = Auth::kNone},
             health);
  routes.add(
      Method::kGet, "/static/{file...}",
      {.name = "static_file", .tag = "server", .summary = {}, .auth = Auth::kNone, .documented = false},
      serve_static);
  routes.add(Method::kGet, "/assets/{file...}",
             {.name = "web_asset", .tag = "server", .summary = {}, .auth = Auth::kNone, .documented = false},
             web_asset);
}

}  // namespace izpo::api
