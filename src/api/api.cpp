#include "api/api.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "api/bearer.hpp"
#include "api/problem.hpp"
#include "api/target.hpp"
#include "api/web_client.hpp"
#include "base/log.hpp"

namespace izpo::api {

namespace {

using std::chrono::steady_clock;

Language language_of(const Request& request) {
  return choose_language(request.headers.find("Accept-Language"));
}

void add_unless_set(Headers& headers, std::string_view name, std::string_view value) {
  if (!headers.find(name)) headers.add(std::string(name), std::string(value));
}

// What the caller showed: the header, or, where the operation allows it, ?token=. An Authorization that is no
// Bearer counts as a bad token, also where none is needed.
std::optional<std::string_view> token_of(const Request& request, const Query& query, const Spec& spec) {
  if (const auto authorization = request.headers.find("Authorization")) return bearer_token(*authorization);
  return spec.token_in_query ? query.find("token") : std::nullopt;
}

// Files under /static/ are small and mostly in the page cache.
constexpr std::size_t kDiskThreads = 1;
constexpr std::size_t kMostWaiting = 256;

constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

Response allow_response(std::string allow) {
  Response response;
  response.status = 204;
  response.headers.add("Allow", std::move(allow));
  return response;
}

// The answer for an error; what only the log may know goes there.
Response refusal(const Error& error, Language language, const Request& request) {
  if (!error.log_detail.empty()) {
    spdlog::warn("{}: {} request={}", error.reason.name, error.log_detail, request.request_id);
  }
  return problem(error, language, request.request_id);
}

void log_access(const Request& request, const Response& response, steady_clock::time_point started,
                std::optional<UserId> caller) {
  const std::chrono::duration<double, std::milli> taken = steady_clock::now() - started;
  const int status = response.socket ? 101 : response.status;
  spdlog::info("{} {} {} {:.2f}ms request={} user={}",
               request.method == Method::kOther ? std::string_view("OTHER") : method_name(request.method),
               redacted_target(request.target), status, taken.count(), request.request_id,
               caller ? caller->value : 0);
}

}  // namespace

Api::Api(Services services, Options options)
    : services_(services),
      options_(std::move(options)),
      routes_(make_routes()),
      router_(routes_),
      cors_(options_.allowed_origins),
      disk_(kDiskThreads, kMostWaiting,
            {.full = reason::kOverloaded, .stopping = reason::kShuttingDown, .failed = reason::kInternal}) {}

Task<Response> Api::handle(Request& request) {
  const auto started = steady_clock::now();
  const Language language = language_of(request);
  std::optional<UserId> caller;
  Response response;
  try {
    auto answered = co_await answer(request, language, caller);
    response = answered ? *std::move(answered) : refusal(answered.error(), language, request);
  } catch (const std::exception& exception) {
    spdlog::error("bug: {} request={}", exception.what(), request.request_id);
    response = problem(reason::kInternal, language, request.request_id);
  }
  finish(request, response);
  if (options_.access_log) log_access(request, response, started, caller);
  co_return response;
}

Response Api::refuse(const Error& error, const Request& request) {
  Response response = refusal(error, language_of(request), request);
  finish(request, response);
  if (options_.access_log) log_access(request, response, steady_clock::now(), std::nullopt);
  return response;
}

Task<Result<Response>> Api::answer(Request& request, Language language, std::optional<UserId>& caller) {
  if (Cors::is_preflight(request)) co_return cors_.preflight(request);
  const Target target = split_target(request.target);
  if (request.method == Method::kOptions && target.path == "*")
    co_return allow_response(std::string(kMethods));
  Router::Match match = router_.find(request.method, target.path);
  if (match.route == nullptr) {
    if (match.allow.empty()) {
      if (auto page = web_page(options_.web_client, request, target.path)) co_return *std::move(page);
      co_return fail(reason::kPathNotFound);
    }
    if (request.method == Method::kOptions) co_return allow_response(std::move(match.allow));
    Response response = problem(reason::kMethodNotAllowed, language, request.request_id);
    response.headers.add("Allow", std::move(match.allow));
    co_return response;
  }
  const Route& route = *match.route;
  Call call{.request = request,
            .services = services_,
            .options = options_,
            .routes = routes_,
            .disk = disk_,
            .language = language,
            .query = Query(target.query),
            .path = std::move(match.path),
            .status = route.spec.status};
  if (route.spec.auth != Auth::kNone) {
    const auto token = token_of(request, call.query, route.spec);
    if (token) {
      IZPO_CO_TRY(call.caller, co_await services_.sessions.authenticate(std::string(*token)));
      caller = call.caller->user.id;
    } else if (route.spec.auth == Auth::kRequired) {
      co_return fail(reason::kNotAuthenticated);
    }
  }
  co_return co_await route.run(call);
}

void Api::finish(const Request& request, Response& response) const {
  if (response.socket) return;
  Headers& headers = response.headers;
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Referrer-Policy", "no-referrer");
  // The headers of a 304 replace those of the copy that the client has (RFC 9111 §3.2), whose policy may be
  // another.
  if (response.status != 304) {
    add_unless_set(headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  add_unless_set(headers, "Cache-Control", "no-store");
  if (!Cors::is_preflight(request)) cors_.allow(request, response);
}

}  // namespace izpo::api
