#include "adapters/gcs/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

constexpr std::size_t kMostText = 300;

std::string text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The storage says {"error": {"message", "errors": [{"reason"}]}}, the token endpoint {"error",
// "error_description"}.
struct Said {
  std::string text;
  std::string reason;
};

Said read(const HttpAnswer& answer) {
  boost::system::error_code broken;
  const auto value = boost::json::parse(answer.body, broken);
  if (broken || !value.is_object()) return {};
  const auto& object = value.get_object();
  const auto* error = object.if_contains("error");
  if (error == nullptr) return {};
  if (error->is_string()) {
    const std::string description = text_member(object, "error_description");
    return {.text = text_member(object, "error") + (description.empty() ? "" : ": " + description),
            .reason = {}};
  }
  if (!error->is_object()) return {};
  Said said{.text = text_member(error->get_object(), "message"), .reason = {}};
  const auto* list = error->get_object().if_contains("errors");
  if (list != nullptr && list->is_array() && !list->get_array().empty() && list->get_array()[0].is_object())
    said.reason = text_member(list->get_array()[0].get_object(), "reason");
  return said;
}

}  // namespace

bool may_pass(long status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 507);
}

std::string said(const HttpAnswer& answer) {
  std::string text = read(answer).text.substr(0, kMostText);
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  while (text.ends_with(' ') || text.ends_with('.')) text.pop_back();
  return text.empty() ? std::to_string(answer.status) : fmt::format("{} ({})", answer.status, text);
}

Error refusal(std::string_view what, const HttpAnswer& answer) {
  const std::string reason = read(answer).reason;
  const bool full = answer.status == 507 || reason == "quotaExceeded" || reason == "storageQuotaExceeded";
  Reason why = reason::kStorageUnavailable;
  if (full) why = reason::kStorageFull;
  if (answer.status == 404) why = reason::kFileNotFound;
  Error error(why, fmt::format("{}: Google Cloud Storage answers {}", what, said(answer)));
  if (may_pass(answer.status)) error.retry_after = std::chrono::seconds(5);
  return error;
}

}  // namespace izpo::gcs
