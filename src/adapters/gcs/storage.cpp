#include "adapters/gcs/storage.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "adapters/gcs/refusal.hpp"
#include "base/text.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

using Timer = boost::asio::steady_timer::rebind_executor<Executor>::other;

constexpr std::chrono::milliseconds kLongestPause{8'000};

std::string authorization(const std::string& token) {
  return "Authorization: Bearer " + token;
}

}  // namespace

std::string Storage::bucket_url(std::string_view below) const {
  return fmt::format("{}/storage/v1/b/{}{}", endpoint_, percent_encoded(bucket_), below);
}

std::string Storage::objects_url(std::string_view query) const {
  return bucket_url("/o") + std::string(query);
}

std::string Storage::object_url(std::string_view name, std::string_view query) const {
  return fmt::format("{}/{}{}", bucket_url("/o"), percent_encoded(name), query);
}

std::string Storage::upload_url(std::string_view query) const {
  return fmt::format("{}/upload/storage/v1/b/{}/o{}", endpoint_, percent_encoded(bucket_), query);
}

Task<Result<HttpAnswer>> Storage::once(HttpRequest request) {
  if (!token_) co_return co_await http_.exchange(std::move(request));
  IZPO_CO_TRY(const std::string token, co_await token_->get());
  HttpRequest first = request;
  first.headers.push_back(authorization(token));
  auto answer = co_await http_.exchange(std::move(first));
  if (!answer || answer->status != 401) co_return answer;
  token_->refused(token);
  IZPO_CO_TRY(const std::string renewed, co_await token_->get());
  request.headers.push_back(authorization(renewed));
  co_return co_await http_.exchange(std::move(request));
}

Task<Result<HttpAnswer>> Storage::call(HttpRequest request) {
  std::size_t failures = 0;
  for (;;) {
    auto answer = co_await once(request);
    if (!may_pass(answer) || !co_await another_attempt(failures)) co_return answer;
  }
}

void Storage::forget(HttpRequest request) {
  if (token_) {
    if (const std::string token = token_->known(); !token.empty())
      request.headers.push_back(authorization(token));
  }
  http_.forget(std::move(request));
}

Task<bool> Storage::another_attempt(std::size_t& failures) {
  ++failures;
  if (failures >= patience_.attempts) co_return false;
  const auto most = std::min(kLongestPause, patience_.first_pause * (1 << (failures - 1)));
  std::array<unsigned char, 2> chance{};
  random_.fill(chance);
  const auto part = static_cast<std::int64_t>(chance[0]) * 256 + chance[1];
  Timer timer(co_await boost::asio::this_coro::executor);
  timer.expires_after(most / 2 + most / 2 * part / 65'536);
  co_await timer.async_wait(kUseTask);
  co_return true;
}

bool Storage::may_pass(const Result<HttpAnswer>& answer) {
  if (answer) return gcs::may_pass(answer->status);
  return answer.error().reason == reason::kStorageUnavailable && answer.error().retry_after.count() > 0;
}

}  // namespace izpo::gcs
