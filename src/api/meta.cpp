#include "api/accept.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"

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

Task<Result<StatusJson>> root(Call& call) {
  co_return StatusJson{.message = std::string(sentence(Phrase::kRunning, call.language)),
                       .version = call.options.version};
}

Task<Result<HealthJson>> health(Call& call) {
  co_return HealthJson{.service = call.options.app_name};
}

}  // namespace

void add_meta(Routes& routes) {
  routes.add(Method::kGet, "/",
             {.name = "root", .tag = "server", .summary = "What this server is", .auth = Auth::kNone}, root);
  routes.add(Method::kGet, "/health",
             {.name = "health", .tag = "server", .summary = "Whether it is well", .auth = Auth::kNone},
             health);
}

}  // namespace izpo::api
