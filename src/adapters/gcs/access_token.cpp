#include "adapters/gcs/access_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "adapters/gcs/encoding.hpp"
#include "adapters/gcs/refusal.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

constexpr std::string_view kScope = "https://www.googleapis.com/auth/devstorage.read_write";
constexpr std::string_view kGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::chrono::seconds kAssertionLifetime{3600};  // the longest that Google takes
constexpr std::chrono::seconds kLongestMargin{300};
constexpr std::chrono::seconds kPause{10};  // between renewals that fail while the token is still good
// Google takes an assertion whose `iat` is a little in the future; from here on it is the clock.
constexpr std::chrono::seconds kWrongClock{300};

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Error misconfigured(std::string line) {
  return Error(reason::kStorageUnavailable, std::move(line));
}

Result<Token> read_token(std::string_view whose, const HttpAnswer& answer) {
  boost::system::error_code broken;
  const auto value = boost::json::parse(answer.body, broken);
  const auto* object = broken ? nullptr : value.if_object();
  const auto* token = object != nullptr ? object->if_contains("access_token") : nullptr;
  const auto* lifetime = object != nullptr ? object->if_contains("expires_in") : nullptr;
  if (token == nullptr || !token->is_string() || lifetime == nullptr || !lifetime->is_int64() ||
      lifetime->get_int64() <= 0) {
    return fail(misconfigured(fmt::format("{} gives no access token", whose)));
  }
  return Token{.value = std::string(token->get_string()),
               .lifetime = std::chrono::seconds(lifetime->get_int64())};
}

// By how much this machine's clock is ahead of the one that dated the answer (RFC 9110 §5.6.7).
std::optional<std::chrono::seconds> ahead_of(const HttpAnswer& answer, Timestamp now) {
  const auto date = answer.header("date");
  if (!date) return std::nullopt;
  std::tm parts{};
  if (::strptime(std::string(*date).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr)
    return std::nullopt;
  return std::chrono::seconds(seconds_of(now) - ::timegm(&parts));
}

}  // namespace

std::string AssertionSource::assertion() const {
  const std::int64_t now = seconds_of(clock_.now());
  boost::json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account_.key_id().empty()) header["kid"] = account_.key_id();
  const boost::json::object claims{{"iss", account_.email()},
                                   {"scope", kScope},
                                   {"aud", account_.token_uri()},
                                   {"iat", now},
                                   {"exp", now + kAssertionLifetime.count()}};
  const std::string text =
      base64url(boost::json::serialize(header)) + "." + base64url(boost::json::serialize(claims));
  return text + "." + base64url(account_.sign(text));
}

Task<Result<Token>> AssertionSource::fetch() {
  const std::string body = fmt::format("grant_type={}&assertion={}", percent_encoded(kGrant), assertion());
  IZPO_CO_TRY(const HttpAnswer answer,
              co_await http_.exchange({.method = "POST",
                                       .url = account_.token_uri(),
                                       .headers = {"Content-Type: application/x-www-form-urlencoded"},
                                       .body = body}));
  if (answer.status != 200) co_return fail(refused(answer));
  co_return read_token("Google's token endpoint", answer);
}

Error AssertionSource::refused(const HttpAnswer& answer) const {
  if (may_pass(answer.status)) return refusal("cannot get an access token", answer);
  const std::string text = said(answer);
  const auto ahead = ahead_of(answer, clock_.now());
  const bool wrong_clock = ahead && (*ahead > kWrongClock || *ahead < -kWrongClock);
  if (wrong_clock || text.contains("iat") || text.contains("reasonable timeframe")) {
    const std::string by =
        wrong_clock ? fmt::format(" by {} seconds", ahead->count() < 0 ? -ahead->count() : ahead->count())
                    : "";
    return misconfigured(
        fmt::format("this machine's clock is wrong{}, so Google takes no login of {}: {}; set the clock", by,
                    account_.email(), text));
  }
  return misconfigured(
      fmt::format("Google refuses the key of {}: {}; it was revoked, or its account is gone: make a new key "
                  "and name it in "
                  "GOOGLE_APPLICATION_CREDENTIALS",
                  account_.email(), text));
}

Task<Result<Token>> MetadataSource::fetch() {
  auto answer = co_await http_.exchange(
      {.url = fmt::format("http://{}/computeMetadata/v1/instance/service-accounts/default/token", host_),
       .headers = {"Metadata-Flavor: Google"},
       .body = {}});
  if (!answer) {
    // Far more often there is none than that it is away: the start is to say so.
    answer.error().retry_after = {};
    answer.error().log_detail +=
        "; on a machine that is not Google's, set GOOGLE_APPLICATION_CREDENTIALS to a service account's key "
        "file";
    co_return fail(std::move(answer).error());
  }
  if (answer->status == 404) {
    co_return fail(misconfigured(
        "this machine has no service account at Google: give it one, or set GOOGLE_APPLICATION_CREDENTIALS"));
  }
  if (answer->status != 200) co_return fail(refusal("the metadata server gives no access token", *answer));
  co_return read_token("the metadata server", *answer);
}

bool AccessToken::is_good(std::chrono::seconds for_at_least) const {
  return !token_.empty() && clock_.now() + for_at_least < ends_;
}

std::string AccessToken::known() const {
  const std::scoped_lock lock(mutex_);
  return is_good({}) ? token_ : std::string();
}

void AccessToken::refused(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  if (token_ == token) token_.clear();
}

Task<Result<std::string>> AccessToken::get() {
  bool waited = false;
  for (;;) {
    bool mine = false;
    {
      const std::scoped_lock lock(mutex_);
      if (is_good(margin_) || (is_good({}) && (renewing_ || clock_.now() < not_before_))) co_return token_;
      if (waited && !renewing_ && failure_) co_return fail(*failure_);
      if (!renewing_) mine = renewing_ = true;
    }
    if (!mine) {
      co_await suspend([this](Resume resume) {
        {
          const std::scoped_lock lock(mutex_);
          if (renewing_) {
            waiting_.push_back(std::move(resume));
            return;
          }
        }
        resume();
      });
      waited = true;
      continue;
    }

    auto fetched = co_await source_->fetch();
    std::vector<Resume> woken;
    std::optional<Result<std::string>> answer;
    {
      const std::scoped_lock lock(mutex_);
      renewing_ = false;
      failure_.reset();
      if (fetched) {
        token_ = std::move(fetched->value);
        ends_ = clock_.now() + fetched->lifetime;
        margin_ = std::min(kLongestMargin, fetched->lifetime / 4);
        answer.emplace(token_);
      } else {
        failure_ = fetched.error();
        not_before_ = clock_.now() + kPause;
        if (is_good({})) {
          spdlog::warn("cannot renew the access token yet: {}", failure_->log_detail);
          answer.emplace(token_);
        } else {
          answer.emplace(fail(*failure_));
        }
      }
      woken = std::exchange(waiting_, {});
    }
    for (Resume& resume : woken) resume();
    co_return *std::move(answer);
  }
}

}  // namespace izpo::gcs
