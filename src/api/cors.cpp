#include "api/cors.hpp"

#include <algorithm>

namespace izpo::api {

namespace {

constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr std::string_view kUsualHeaders = "Authorization, Content-Type";
constexpr std::string_view kExposedHeaders = "X-Request-ID, Retry-After, Content-Language";
constexpr std::string_view kMaxAge = "600";  // seconds that a browser may remember the preflight

// Only what can be a list of field names is sent back (RFC 9110 §5.6.2): an answer must not be a place where
// a caller's bytes come out as something else.
bool is_token_list(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || std::string_view("!#$%&'*+-.^_`|~, ").contains(letter);
  });
}

void add_origin(std::string_view origin, Response& response) {
  response.headers.add("Access-Control-Allow-Origin", std::string(origin));
  response.headers.add("Access-Control-Allow-Credentials", "true");
}

}  // namespace

Cors::Cors(const std::vector<std::string>& origins) : origins_(origins) {
  // "https://chat.example.org/" is how people write an origin, without the slash is how browsers do.
  for (std::string& origin : origins_) {
    while (origin.ends_with('/')) origin.pop_back();
  }
  any_ = std::ranges::find(origins_, "*") != origins_.end();
}

bool Cors::allows(std::string_view origin) const {
  return any_ || std::ranges::any_of(origins_, [origin](const std::string& allowed) {
           return equal_without_case(allowed, origin);
         });
}

bool Cors::is_preflight(const Request& request) {
  return request.method == Method::kOptions && request.headers.find("Origin") &&
         request.headers.find("Access-Control-Request-Method");
}

Response Cors::preflight(const Request& request) const {
  Response response;
  response.status = 204;
  response.headers.add("Vary", "Origin, Access-Control-Request-Headers");
  const std::string_view origin = request.headers.find("Origin").value_or("");
  if (!allows(origin)) return response;
  add_origin(origin, response);
  std::string allowed_headers(kUsualHeaders);
  const auto asked = request.headers.find("Access-Control-Request-Headers");
  if (asked && !asked->empty() && is_token_list(*asked)) (allowed_headers += ", ") += *asked;
  response.headers.add("Access-Control-Allow-Methods", std::string(kMethods));
  response.headers.add("Access-Control-Allow-Headers", std::move(allowed_headers));
  response.headers.add("Access-Control-Max-Age", std::string(kMaxAge));
  return response;
}

void Cors::allow(const Request& request, Response& response) const {
  response.headers.add("Vary", "Origin");
  const auto origin = request.headers.find("Origin");
  if (!origin || !allows(*origin)) return;
  add_origin(*origin, response);
  response.headers.add("Access-Control-Expose-Headers", std::string(kExposedHeaders));
}

}  // namespace izpo::api
