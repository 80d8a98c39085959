#include "api/conditional.hpp"

#include "api/accept.hpp"

namespace izpo::api {

namespace {

// Weak comparison (RFC 9110 §8.8.3.2), the one for If-None-Match.
std::string_view opaque(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

}  // namespace

bool is_unchanged(const Headers& request, std::string_view etag, std::string_view last_modified) {
  if (const auto known = request.find("If-None-Match")) {
    bool unchanged = false;
    for_each_weighted(*known, [&](std::string_view candidate, int) {
      unchanged = unchanged || candidate == "*" || opaque(candidate) == opaque(etag);
    });
    return unchanged;
  }
  return !last_modified.empty() && request.find("If-Modified-Since") == last_modified;
}

}  // namespace izpo::api
